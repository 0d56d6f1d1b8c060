using Multiprocess.Contracts;
using Multiprocess.Threads;

namespace Multiprocess.Objects;

/// <summary>A registered contract as the runtime sees it, whatever its type.</summary>
internal abstract class ContractBinding : ICallee
{
    public abstract Type Type { get; }

    public abstract string Name { get; }

    public abstract ulong Fingerprint { get; }

    /// <summary>True when whoever holds a reference of this contract has the duty to dispose it.</summary>
    public bool IsDisposable { get; protected init; }

    /// <summary>True when whoever receives such an object owns it, even as an argument.</summary>
    public bool IsHandedOver { get; protected init; }

    public abstract string? GetMethodName(uint methodId);

    public abstract ReadOnlySpan<uint> MethodIds { get; }

    public abstract string? GetShape(uint methodId);

    public abstract IpcProxy CreateProxy(IpcReference reference);

    public abstract void Dispatch(object target, ref IncomingCall call);
}

/// <summary>The binding of one contract type.</summary>
internal sealed class ContractBinding<T> : ContractBinding where T : class
{
    private static ContractBinding<T>? s_registered;

    private readonly IpcStub<T> _stub;

    private ContractBinding(IpcStub<T> stub)
    {
        _stub = stub;
        IsHandedOver = stub.IsHandedOver;
        IsDisposable = typeof(IDisposable).IsAssignableFrom(typeof(T)) || typeof(IAsyncDisposable).IsAssignableFrom(typeof(T));
    }

    public override Type Type => typeof(T);

    public override string Name => _stub.Name;

    public override ulong Fingerprint => _stub.Fingerprint;

    /// <summary>The binding of <typeparamref name="T"/>.</summary>
    /// <exception cref="InvalidOperationException">No generated code was registered for it.</exception>
    public static ContractBinding<T> Instance => Volatile.Read(ref s_registered) ?? Load();

    /// <summary>Registers the generated code. The first registration stays.</summary>
    public static void Register(IpcStub<T> stub)
        => Interlocked.CompareExchange(ref s_registered, new ContractBinding<T>(stub), null);

    public override string? GetMethodName(uint methodId) => _stub.GetMethodName(methodId);

    public override ReadOnlySpan<uint> MethodIds => _stub.MethodIds;

    public override string? GetShape(uint methodId) => _stub.GetShape(methodId);

    public override IpcProxy CreateProxy(IpcReference reference) => _stub.CreateProxy(reference);

    public override void Dispatch(object target, ref IncomingCall call)
        => _stub.Dispatch(System.Runtime.CompilerServices.Unsafe.As<T>(target), ref call);

    private static ContractBinding<T> Load()
    {
        IpcContract.RunInitializers(typeof(T));
        return Volatile.Read(ref s_registered) ?? throw new InvalidOperationException($"No generated code was found for {typeof(T)}. {WayOut()}");
    }

    private static string WayOut()
        => typeof(T).IsGenericType && typeof(T).IsInterface
            ? "A generic contract is generated where a member of another contract has it closed, as a type, or where an assembly names it with [assembly: IpcClosedInterface(typeof(…))]: the assembly of the contract, of a type argument, or of the caller."
            : "An interface needs [IpcInterface], and its project the Multiprocess generator; a delegate type must appear in such an interface.";
}
