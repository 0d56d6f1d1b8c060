using Multiprocess.Contracts;
using Multiprocess.Transports;

namespace Multiprocess.Connections;

/// <summary>The end of a connection that serves a root.</summary>
internal sealed class ServedConnection : IpcConnection
{
    private ServedConnection(Transport transport, IpcConnectionOptions options)
        : base(transport, options)
    {
    }

    /// <summary>Exchanges Hellos, makes the root and begins to take calls, all on the calling thread.</summary>
    /// <remarks>A client's early calls wait in the transport while the root is made.</remarks>
    public static ServedConnection Open<T>(Transport transport, IpcConnectionOptions options, Func<IpcConnection, T> makeRoot) where T : class
    {
        var connection = new ServedConnection(transport, options);
        ContractBinding<T> contract = ContractBinding<T>.Instance;
        connection.Core.Open(serves: contract, wants: null);
        T root;
        try
        {
            root = makeRoot(connection) ?? throw new InvalidOperationException("The root factory returned null.");
        }
        catch (Exception exception)
        {
            connection.Core.Close($"The server could not make its {contract.Name}: {exception.GetType().FullName}: {exception.Message}");
            throw;
        }

        connection.Core.Start(root, contract);
        return connection;
    }
}
