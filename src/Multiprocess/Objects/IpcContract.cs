using System.ComponentModel;
using System.Runtime.CompilerServices;
using Multiprocess.Objects;

namespace Multiprocess.Generated;

/// <summary>
/// The registry of contracts. The generated module initializer of an assembly registers its stubs here.
/// </summary>
/// <remarks>
/// Thread-safe. Names from the wire are never looked up here, except exception types, which are registered by name.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class IpcContract
{
    static IpcContract()
    {
        Register(new DisposableStub());
        Register(new AsyncDisposableStub());
    }

    /// <summary>Registers the stub of a contract. The first registration of a type wins.</summary>
    public static void Register<T>(IpcStub<T> stub) where T : class => ContractBinding<T>.Register(stub);

    /// <summary>
    /// Registers the stub of a generic contract that a signature closes. It serves a root of the type if no assembly
    /// names the contract.
    /// </summary>
    public static void RegisterClosed<T>(IpcStub<T> stub) where T : class => ContractBinding<T>.RegisterClosed(stub);

    /// <summary>
    /// Registers an exception type that crosses with all its members. The first registration of a type wins.
    /// </summary>
    public static void Register<T>(IpcFaultCodec<T> codec) where T : Exception => Faults.FaultRegistry.Register(codec);

    /// <summary>
    /// Runs the module initializers of the assemblies of a type and of its type arguments, so that their code is
    /// registered.
    /// </summary>
    internal static void RunInitializers(Type type)
    {
        RuntimeHelpers.RunModuleConstructor(type.Module.ModuleHandle);
        foreach (Type argument in type.GenericTypeArguments)
        {
            RunInitializers(argument);
        }
    }
}
