using System.ComponentModel;

namespace Multiprocess.Contracts;

/// <summary>The registry of contracts: the generated module initializer of an assembly puts its stubs here.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class IpcContract
{
    /// <summary>Registers the stub of a contract. The first registration of a type stays.</summary>
    public static void Register<T>(IpcStub<T> stub) where T : class => throw new NotImplementedException();

    /// <summary>Registers an exception type that crosses whole. The first registration of a type stays.</summary>
    public static void Register<T>(IpcFaultCodec<T> codec) where T : Exception => throw new NotImplementedException();
}
