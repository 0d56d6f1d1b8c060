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

        OtherConnection connection = protocol.Serve(transport, peer);
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
    /// Tells a client that it is refused, if it speaks this library's protocol; otherwise closes its connection.
    /// </summary>
    /// <param name="transport">The client.</param>
    /// <param name="why">The reason.</param>
    /// <param name="waits">Whether to wait for its first bytes. The accepting thread must not.</param>
    private void TurnAway(Transport transport, string why, bool waits)
    {
        if (_options.OtherProtocol is null || !transport.CanPeek || IsOurs(transport, waits))
        {
            ServedConnection.TurnAway(transport, _options, why);
        }
        else
        {
            transport.Dispose();
        }
    }

    private bool IsOurs(Transport transport, bool waits)
    {
        try
        {
            return waits ? !FirstBytes.AreOther(transport, _options.ConnectTimeout) : FirstBytes.AreOurs(transport);
        }
        catch (IpcException)
        {
            return false;
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
