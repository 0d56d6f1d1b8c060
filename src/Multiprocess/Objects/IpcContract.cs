using System.ComponentModel;
using System.Runtime.CompilerServices;
using Multiprocess.Objects;

namespace Multiprocess.Generated;

/// <summary>The registry of contracts: the generated module initializer of an assembly puts its stubs here.</summary>
/// <remarks>Thread-safe. Nothing is looked up here by a name from the wire except exception types, which are registered by name.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class IpcContract
{
    static IpcContract()
    {
        Register(new DisposableStub());
        Register(new AsyncDisposableStub());
    }

    /// <summary>Registers the stub of a contract. The first registration of a type stays.</summary>
    public static void Register<T>(IpcStub<T> stub) where T : class => ContractBinding<T>.Register(stub);

    /// <summary>Registers the stub of a generic contract that a signature closes: it serves a root of the type where no assembly names the contract.</summary>
    public static void RegisterClosed<T>(IpcStub<T> stub) where T : class => ContractBinding<T>.RegisterClosed(stub);

    /// <summary>Registers an exception type that crosses whole. The first registration of a type stays.</summary>
    public static void Register<T>(IpcFaultCodec<T> codec) where T : Exception => Faults.FaultRegistry.Register(codec);

    /// <summary>Runs the module initializers of a type's assembly and of its type arguments', so that nothing depends on luck.</summary>
    internal static void RunInitializers(Type type)
    {
        RuntimeHelpers.RunModuleConstructor(type.Module.ModuleHandle);
        foreach (Type argument in type.GenericTypeArguments)
        {
            RunInitializers(argument);
        }
    }
}
