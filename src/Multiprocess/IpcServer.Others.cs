using Multiprocess.Connections;
using Multiprocess.Locks;
using Multiprocess.Logging;
using Multiprocess.Transports;

namespace Multiprocess;

/// <summary>Connections of another protocol on the same socket.</summary>
public sealed partial class IpcServer
{
    // Guarded by the lock.
    private readonly HashSet<OtherConnection> _others = [];

    /// <summary>The number of open connections of <see cref="IpcServerOptions.OtherProtocol"/>.</summary>
    public int OtherConnections
    {
        get
        {
            using (Uninterruptible.Enter(_lock))
            {
                return _others.Count;
            }
        }
    }

    /// <summary>
    /// Serves the client if it speaks the other protocol. Nothing is sent before that is known.
    /// </summary>
    private OtherConnection? TryServeOther(Transport transport)
    {
        if (_options.OtherProtocol is not { } protocol
            || !transport.CanPeek
            || !FirstBytes.AreOther(transport, _options.ConnectTimeout))
        {
            return null;
        }

        IpcPeer peer = transport.Peer;
        if (_options.Authorize is { } authorize && !IsAuthorized(authorize, peer, protocol.RootType))
        {
            IpcLog.PeerRefused(Logger, peer, protocol.RootType.Name);
            transport.Dispose();
            throw new IpcException(IpcErrorKind.Refused, $"{peer.Description} may not have {protocol.RootType.Name}.");
        }

        OtherConnection connection = protocol.Serve(transport.HandOver(), peer);
        bool isTooLate;
        using (Uninterruptible.Enter(_lock))
        {
            isTooLate = _stopped;
            if (!isTooLate)
            {
                _others.Add(connection);
            }
        }

        if (isTooLate)
        {
            connection.Close();
        }

        return connection;
    }

    /// <summary>
    /// Tells a client that it is refused, in its own protocol if that is known; otherwise closes its connection.
    /// </summary>
    private void TurnAway(Transport transport, string why)
    {
        if (_options.OtherProtocol is not null && transport.CanPeek && !FirstBytes.AreOurs(transport))
        {
            transport.Dispose();
        }
        else
        {
            ServedConnection.TurnAway(transport, _options, why);
        }
    }

    private void WhenEnded(OtherConnection connection, long? user) => _ = connection.Ended.ContinueWith(
        _ =>
        {
            using (Uninterruptible.Enter(_lock))
            {
                _others.Remove(connection);
            }

            Left(null, user);
        },
        CancellationToken.None,
        TaskContinuationOptions.None,
        TaskScheduler.Default);

    private OtherConnection[] Others()
    {
        using (Uninterruptible.Enter(_lock))
        {
            return [.. _others];
        }
    }

    private bool IsAuthorized(Func<IpcPeer, Type, bool> authorize, IpcPeer peer, Type type)
    {
        try
        {
            return authorize(peer, type);
        }
        catch (Exception failure)
        {
            IpcLog.CallbackFailed(Logger, "Authorize", failure);
            return false;
        }
    }
}
