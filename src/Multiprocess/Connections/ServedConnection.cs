using Multiprocess.Framing;
using Multiprocess.Introspection;
using Multiprocess.Logging;
using Multiprocess.Objects;
using Multiprocess.Recording;
using Multiprocess.Transports;

namespace Multiprocess.Connections;

/// <summary>The end of a connection that serves a root.</summary>
internal sealed class ServedConnection : IpcConnection
{
    // Whether what the peer sends is taken already, without a root. Set before the connection is handed out.
    private bool _hasStarted;

    private ServedConnection(Transport transport, IpcConnectionOptions options, SharedBytes? shared)
        : base(transport, options, shared)
    {
    }

    /// <summary>Exchanges Hellos, makes the root and begins to take calls, all on the calling thread.</summary>
    /// <param name="transport">What carries it.</param>
    /// <param name="options">How it behaves.</param>
    /// <param name="makeRoot">Makes the root.</param>
    /// <param name="began">Told about the connection before anything is waited for, so that it can be ended meanwhile.</param>
    /// <param name="shared">What it may have waiting together with others; null for no such bound.</param>
    /// <remarks>A client's early calls wait in the transport while the root is made.</remarks>
    public static ServedConnection Open<T>(Transport transport, IpcConnectionOptions options, Func<IpcConnection, T> makeRoot, Action<IpcConnection>? began = null, SharedBytes? shared = null) where T : class
    {
        var connection = new ServedConnection(Recorder.Wrap(transport, options, isClient: false), options, shared);
        began?.Invoke(connection);
        ContractBinding<T> contract = ContractBinding<T>.Instance;
        if (options is IpcServerOptions { Authorize: { } authorize })
        {
            connection.Ask(authorize, typeof(T), contract);
        }

        if (connection.Core.Open(serves: contract, wants: null, AnswersIntrospection(transport, options)))
        {
            connection.Core.Start(new ServerIntrospection(contract, connection), ContractBinding<ServerIntrospection>.Of<IntrospectionStub>());
            return connection;
        }

        connection.Make(makeRoot, connection.Core.Start);
        return connection;
    }

    /// <summary>
    /// Exchanges Hellos and begins to take what the peer sends, without a root: this side may call the peer, which knows that
    /// it has to wait with its calls until it is told. <see cref="Serve"/> then makes the root.
    /// </summary>
    /// <param name="transport">What carries it.</param>
    /// <param name="options">How it behaves.</param>
    /// <param name="waits">Whether a peer that says that it serves such a contract knows it; with any other peer nothing is taken until there is a root.</param>
    public static ServedConnection Shake<T>(Transport transport, IpcConnectionOptions options, Func<string, bool> waits) where T : class
    {
        var connection = new ServedConnection(Recorder.Wrap(transport, options, isClient: false), options, shared: null);
        connection.Core.Open(serves: ContractBinding<T>.Instance, wants: null);
        if (connection.Core.PeerServes is { } served && waits(served))
        {
            connection._hasStarted = true;
            connection.Core.Start();
        }

        return connection;
    }

    /// <summary>Makes the root after <see cref="Shake"/>, on the calling thread.</summary>
    public void Serve<T>(Func<IpcConnection, T> makeRoot) where T : class
        => Make(makeRoot, _hasStarted ? Core.Serve : Core.Start);

    private void Make<T>(Func<IpcConnection, T> makeRoot, Action<object, ContractBinding> serve) where T : class
    {
        ContractBinding<T> contract = ContractBinding<T>.Instance;
        T root;
        try
        {
            root = makeRoot(this) ?? throw new InvalidOperationException("The root factory returned null.");
        }
        catch (Exception exception)
        {
            Core.Close($"The server could not make its {contract.Name}: {exception.GetType().FullName}: {exception.Message}");
            throw;
        }

        try
        {
            serve(root, contract);
        }
        catch (IpcDisconnectedException) when (contract.IsDisposable)
        {
            // It was made for a client that is gone, or for a server that ended meanwhile.
            Core.Channel.Objects.Orphans.Dispose(root, contract);
            throw;
        }
    }

    /// <summary>Ends the connection of a client for which there is no room, and says so. Waits for nothing but the peer's receiving, and not long.</summary>
    public static void TurnAway(Transport transport, IpcConnectionOptions options, string reason)
        => new ServedConnection(transport, options, shared: null).Core.Refuse(reason, IpcErrorKind.LimitExceeded);

    private static bool AnswersIntrospection(Transport transport, IpcConnectionOptions options)
        => (options as IpcServerOptions)?.Introspection switch
        {
            null or IpcIntrospection.SameUser => !transport.IsRemote && transport.Peer.UserId >= 0 && PeerCredentials.IsSameUser(transport.Peer),
            IpcIntrospection.AllPeers => true,
            _ => false,
        };

    private void Ask(Func<IpcPeer, Type, bool> authorize, Type type, ContractBinding contract)
    {
        bool allowed = false;
        Exception? failure = null;
        try
        {
            allowed = authorize(Peer, type);
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        if (!allowed)
        {
            if (failure is not null)
            {
                IpcLog.CallbackFailed(Core.Logger, "Authorize", failure);
            }

            IpcLog.PeerRefused(Core.Logger, Peer, contract.Name);
            throw Core.Refuse($"{Peer.Description} may not have {contract.Name}.");
        }
    }
}
