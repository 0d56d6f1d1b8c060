using Multiprocess.Native;

namespace Multiprocess.Transports.Unix;

/// <summary>Accepts connections of allowed peers on a Unix domain socket. Linux only.</summary>
internal abstract unsafe class UnixAcceptor : Listener
{
    private readonly Func<IpcPeer, bool> _allows;
    private readonly ManualResetEventSlim _closing = new();
    private DescriptorReserve? _reserve;
    private NativeHandle _socket = null!;

    // Accepting thread only.
    private bool _isScarce;
    private int _closed;

    /// <param name="allows">Decides which peers are allowed; by default peers of the same user.</param>
    protected UnixAcceptor(Func<IpcPeer, bool>? allows)
    {
        Platform.RequireLinux();
        _allows = allows ?? PeerCredentials.IsSameUser;
    }

    public override Func<Transport>? Next() => Accept() is { } transport ? () => transport : null;

    /// <summary>Waits for a connection of an allowed peer; closes other connections.</summary>
    /// <returns>Null once the listener is closed.</returns>
    /// <exception cref="IOException">Accepting failed permanently.</exception>
    public UnixSocketTransport? Accept()
    {
        int pauses = 0;
        while (Volatile.Read(ref _closed) == 0)
        {
            int descriptor;
            try
            {
                if (!WaitForClient())
                {
                    return null;
                }

                descriptor = NativeSockets.Accept(_socket, null, null, NativeSockets.CloseOnExec);
            }
            catch (ObjectDisposedException)
            {
                return null;
            }

            if (descriptor < 0)
            {
                int error = Errno.Last;
                if (Volatile.Read(ref _closed) != 0)
                {
                    return null;
                }

                PauseOrThrow(error);
                if (Judge(error) == AcceptFailure.PauseAndTryAgain && ++pauses >= MaxScarcityPauses)
                {
                    TurnOneAway();
                }

                continue;
            }

            pauses = 0;
            if (Admit(new NativeHandle(descriptor)) is { } transport)
            {
                if (!OpenFiles.IsReserved(descriptor) || WaitForRoom())
                {
                    return transport;
                }

                TurnAway(transport);
            }
        }

        return null;
    }

    /// <summary>Decides how to react to a failed accept.</summary>
    internal static AcceptFailure Judge(int error) => error switch
    {
        Errno.Interrupted or Errno.ConnectionAborted or Errno.TryAgain => AcceptFailure.TryAgain,
        Errno.TooManyOpenFiles or Errno.SystemFileTableFull or Errno.NoBuffers or Errno.NoMemory
            => AcceptFailure.PauseAndTryAgain,
        _ => AcceptFailure.GiveUp,
    };

    public override void Close()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
        {
            _closing.Set();
            Stop(_socket);
        }
    }

    public override void Dispose()
    {
        Close();
        _socket.Dispose();
        _reserve?.Dispose();
    }

    /// <summary>Takes ownership of the listening socket. Call this once, at the end of construction.</summary>
    protected void Begin(NativeHandle socket)
    {
        _socket = socket;
        _reserve = new DescriptorReserve();
    }

    /// <summary>Stops listening and wakes the accepting thread.</summary>
    protected abstract void Stop(NativeHandle socket);

    /// <summary>Waits for a client, if accepting itself does not wait.</summary>
    /// <returns>False once the listener is closed.</returns>
    protected virtual bool WaitForClient() => true;

    /// <summary>
    /// Holds a client until enough descriptors are free; further clients wait in the backlog. After a client waited too
    /// long, the next ones are not held until descriptors were free again.
    /// </summary>
    /// <returns>False when no descriptor became free in time.</returns>
    private bool WaitForRoom()
    {
        int pauses = _isScarce ? MaxScarcityPauses : 0;
        while ((_isScarce = OpenFiles.AreScarce()) && pauses++ < MaxScarcityPauses && Volatile.Read(ref _closed) == 0)
        {
            _ = _closing.Wait(ScarcityPause);
        }

        return !_isScarce;
    }

    /// <summary>
    /// Tells the first waiting client that there is no descriptor for it, using the reserved descriptor.
    /// </summary>
    private void TurnOneAway()
    {
        try
        {
            // Without a descriptor, accepting also fails when no client waits.
            if (!NativePoll.Wait(_socket, NativePoll.Readable, 0))
            {
                return;
            }

            _reserve!.Release();
            int descriptor = NativeSockets.Accept(_socket, null, null, NativeSockets.CloseOnExec);
            if (descriptor >= 0 && Admit(new NativeHandle(descriptor)) is { } transport)
            {
                TurnAway(transport);
            }
        }
        catch (ObjectDisposedException)
        {
            // The listener was closed at this moment.
        }
        finally
        {
            _reserve!.Take();
        }
    }

    private void TurnAway(Transport transport)
    {
        if (TurnedAway is { } tell)
        {
            tell(transport);
        }
        else
        {
            transport.Dispose();
        }
    }

    private UnixSocketTransport? Admit(NativeHandle socket)
    {
        try
        {
            IpcPeer peer = PeerCredentials.Of(socket);
            if (Volatile.Read(ref _closed) != 0)
            {
                socket.Dispose();
                return null;
            }

            if (_allows(peer))
            {
                return new UnixSocketTransport(socket, peer, Address.ToString());
            }

            socket.Dispose();
            Refused?.Invoke(peer);
            return null;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void PauseOrThrow(int error)
    {
        switch (Judge(error))
        {
            case AcceptFailure.TryAgain:
                break;
            case AcceptFailure.PauseAndTryAgain:
                // The connection stays in the backlog: without the pause, this loop would spin until a descriptor is
                // free.
                _ = _closing.Wait(ScarcityPause);
                break;
            default:
                throw Errno.Exception($"Accepting at '{IpcText.Escape(Address.ToString())}'", error);
        }
    }
}
