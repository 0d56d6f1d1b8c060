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
    /// <summary>
    /// True when the peer serves the contract that <see cref="Shake"/> was given: receiving has started without a root,
    /// and this side may call. Set before the connection is returned.
    /// </summary>
    public bool MayCallEarly { get; private set; }

    private ServedConnection(Transport transport, IpcConnectionOptions options, SharedByteLimit? shared)
        : base(transport, options, shared)
    {
    }

    /// <summary>
    /// Exchanges Hello messages, creates the root and starts accepting calls, all on the calling thread.
    /// </summary>
    /// <param name="transport">Carries the bytes.</param>
    /// <param name="options">The connection's options.</param>
    /// <param name="makeRoot">Creates the root.</param>
    /// <param name="began">Receives the connection before anything blocks, so that it can be ended meanwhile.</param>
    /// <param name="shared">The limit on waiting bytes that this connection shares with others; null for none.</param>
    /// <remarks>A client's early calls wait in the transport while the root is created.</remarks>
    public static ServedConnection Open<T>(
        Transport transport,
        IpcConnectionOptions options,
        Func<IpcConnection, T> makeRoot,
        Action<IpcConnection>? began = null,
        SharedByteLimit? shared = null) where T : class
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
            connection.Core.Start(
                new ServerIntrospection(contract, connection),
                ContractBinding<ServerIntrospection>.Of<IntrospectionStub>());
            return connection;
        }

        connection.Make(makeRoot, connection.Core.Start);
        return connection;
    }

    /// <summary>
    /// Exchanges Hello messages and starts receiving, without a root. This side may call the peer; the peer knows that
    /// it must not call until it is told that the root exists. <see cref="Serve"/> then creates the root.
    /// </summary>
    /// <param name="transport">Carries the bytes.</param>
    /// <param name="options">The connection's options.</param>
    /// <param name="peerRoot">
    /// A contract whose servers know this rule; null for none. Nothing is received from any other peer until there is a
    /// root.
    /// </param>
    public static ServedConnection Shake<T>(
        Transport transport,
        IpcConnectionOptions options,
        ContractBinding? peerRoot) where T : class
    {
        var connection = new ServedConnection(
            Recorder.Wrap(transport, options, isClient: false), options, shared: null);
        connection.Core.Open(serves: ContractBinding<T>.Instance, wants: null);
        if (peerRoot is not null && connection.Core.PeerServes == peerRoot.Name)
        {
            connection.MayCallEarly = true;
            connection.Core.Start();
        }

        return connection;
    }

    /// <summary>Creates the root after <see cref="Shake"/>, on the calling thread.</summary>
    public void Serve<T>(Func<IpcConnection, T> makeRoot) where T : class
        => Make(makeRoot, MayCallEarly ? Core.Serve : Core.Start);

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
            Core.Close(
                $"The server could not make its {contract.Name}: {exception.GetType().FullName}: {exception.Message}");
            throw;
        }

        try
        {
            serve(root, contract);
        }
        catch (IpcDisconnectedException) when (contract.IsDisposable)
        {
            // The root was created for a client that is gone, or for a server that ended meanwhile.
            Core.Channel.Objects.Orphans.Dispose(root, contract);
            throw;
        }
    }

    /// <summary>
    /// Ends the connection of a client for which there is no room, and sends the reason. Waits briefly, only for the
    /// peer to receive it.
    /// </summary>
    public static void TurnAway(Transport transport, IpcConnectionOptions options, string reason)
        => new ServedConnection(transport, options, shared: null).Core.Refuse(reason, IpcErrorKind.LimitExceeded);

    private static bool AnswersIntrospection(Transport transport, IpcConnectionOptions options)
        => (options as IpcServerOptions)?.Introspection switch
        {
            null or IpcIntrospection.SameUser
                => !transport.IsRemote
                && transport.Peer.UserId >= 0
                && PeerCredentials.IsSameUser(transport.Peer),
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
