using Multiprocess.Generated;
using Multiprocess.Locks;
using Multiprocess.Threads;

namespace Multiprocess.Objects;

/// <summary>A registered contract, independent of its type.</summary>
internal abstract class ContractBinding : IContractNames
{
    public abstract Type Type { get; }

    public abstract string Name { get; }

    public abstract ulong Fingerprint { get; }

    /// <summary>True when calls on a connection with this root can carry descriptors.</summary>
    public abstract bool PassesDescriptors { get; }

    /// <summary>True when the holder of a reference of this contract must dispose it.</summary>
    public bool IsDisposable { get; protected init; }

    /// <summary>True when the receiver of such an object owns it, even as an argument.</summary>
    public bool IsHandedOver { get; protected init; }

    public abstract string? GetMethodName(uint methodId);

    public abstract ReadOnlySpan<uint> MethodIds { get; }

    public abstract string? GetShape(uint methodId);

    /// <summary>Describes the contract and the types it mentions.</summary>
    public abstract void Describe(IpcDescription description);

    public abstract IpcProxy CreateProxy(IpcReference reference);

    public abstract void Dispatch(object target, ref IncomingCall call);
}

/// <summary>The binding of one contract type.</summary>
internal sealed class ContractBinding<T> : ContractBinding where T : class
{
    /// <summary>The bindings whose stubs have a form, one per form. Guarded by its own lock.</summary>
    private static readonly List<ContractBinding<T>> s_forms = [];

    private static ContractBinding<T>? s_registered;

    /// <summary>
    /// The binding for a root of the type if no other is registered. Guarded by the lock of <see cref="s_forms"/>.
    /// </summary>
    private static ContractBinding<T>? s_closed;

    private readonly IpcStub<T> _stub;

    private ContractBinding(IpcStub<T> stub)
    {
        _stub = stub;
        IsHandedOver = stub.IsHandedOver;
        IsDisposable = typeof(IDisposable).IsAssignableFrom(typeof(T))
            || typeof(IAsyncDisposable).IsAssignableFrom(typeof(T));
    }

    public override Type Type => typeof(T);

    public override string Name => _stub.Name;

    public override ulong Fingerprint => _stub.Fingerprint;

    public override bool PassesDescriptors => _stub.PassesDescriptors;

    /// <summary>The binding of <typeparamref name="T"/>.</summary>
    /// <exception cref="InvalidOperationException">No generated code is registered for the type.</exception>
    public static ContractBinding<T> Instance => Volatile.Read(ref s_registered) ?? Load();

    /// <summary>Registers the generated code. The first registration wins.</summary>
    public static void Register(IpcStub<T> stub)
        => Interlocked.CompareExchange(ref s_registered, Share(stub), null);

    /// <summary>
    /// Registers the generated code of a signature. The stub with the smallest form wins, in any order of registration.
    /// </summary>
    public static void RegisterClosed(IpcStub<T> stub)
    {
        ContractBinding<T> binding = Share(stub);
        using (Uninterruptible.Enter(s_forms))
        {
            s_closed = s_closed is null || binding._stub.Form < s_closed._stub.Form ? binding : s_closed;
        }
    }

    /// <summary>
    /// The binding of a stub that one contract uses for its own references. Stubs of the same form share one binding.
    /// </summary>
    public static ContractBinding<T> Of<TStub>() where TStub : class, new() => Stubbed<TStub>.Binding;

    public override string? GetMethodName(uint methodId) => _stub.GetMethodName(methodId);

    public override ReadOnlySpan<uint> MethodIds => _stub.MethodIds;

    public override string? GetShape(uint methodId) => _stub.GetShape(methodId);

    public override void Describe(IpcDescription description) => _stub.Describe(description);

    public override IpcProxy CreateProxy(IpcReference reference) => _stub.CreateProxy(reference);

    public override void Dispatch(object target, ref IncomingCall call)
        => _stub.Dispatch(System.Runtime.CompilerServices.Unsafe.As<T>(target), ref call);

    private static ContractBinding<T> Load()
    {
        IpcContract.RunInitializers(typeof(T));
        using (Uninterruptible.Enter(s_forms))
        {
            _ = Interlocked.CompareExchange(ref s_registered, s_closed, null);
        }

        return Volatile.Read(ref s_registered)
            ?? throw new InvalidOperationException($"No generated code was found for {typeof(T)}. {WayOut()}");
    }

    /// <summary>
    /// Returns the binding of a stub, or that of an earlier stub of the same form, so that an object crosses as one
    /// reference under both.
    /// </summary>
    private static ContractBinding<T> Share(IpcStub<T> stub)
    {
        if (stub.Form == 0)
        {
            return new ContractBinding<T>(stub);
        }

        using (Uninterruptible.Enter(s_forms))
        {
            ContractBinding<T>? known = s_forms.Find(binding => binding._stub.Form == stub.Form);
            if (known is null)
            {
                s_forms.Add(known = new ContractBinding<T>(stub));
            }

            return known;
        }
    }

    private static string WayOut()
        => typeof(T).IsGenericType && typeof(T).IsInterface
            ? "A generic contract is generated where a member of another contract has it closed, as a type, or where an assembly names it with [assembly: IpcClosedInterface(typeof(…))]: the assembly of the contract, of a type argument, or of the caller."
            : "An interface needs [IpcInterface], and its project the Multiprocess generator; a delegate type must appear in such an interface.";

    private static class Stubbed<TStub> where TStub : class, new()
    {
        public static readonly ContractBinding<T> Binding = Share((IpcStub<T>)(object)new TStub());
    }
}
