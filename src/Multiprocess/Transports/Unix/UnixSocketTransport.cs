using System.Diagnostics;
using System.Net.Sockets;
using Multiprocess.Native;

namespace Multiprocess.Transports.Unix;

/// <summary>A Unix domain socket on Linux, used through the C library.</summary>
/// <remarks>
/// The descriptor stays in blocking mode; calls that must not block say so individually. It is never used in an
/// asynchronous operation, which would switch it to non-blocking mode and add a second reader.
/// States: open; closed by <see cref="Close"/> (the stream is shut down, the descriptor is still valid); disposed (the
/// descriptor is freed once no thread uses it in a call).
/// </remarks>
internal sealed unsafe class UnixSocketTransport : Transport
{
    private readonly NativeHandle _socket;

    // Set once, by the thread that closes; read by all.
    private volatile bool _closed;

    /// <summary>Takes ownership of a connected stream socket.</summary>
    public UnixSocketTransport(NativeHandle socket, IpcPeer peer, string description)
    {
        _socket = socket;
        Peer = peer;
        Description = description;
    }

    public override string Description { get; }

    public override IpcPeer Peer { get; }

    public override bool CanWaitBesideReceiver => true;

    public override int TryReceive(Span<byte> buffer) => Receive(buffer, NativeSockets.DoNotWait);

    public override bool CanPeek => true;

    public override int TryPeek(Span<byte> buffer) => Receive(buffer, NativeSockets.DoNotWait | NativeSockets.Peek);

    public override Stream HandOver()
        => new NetworkStream(
            new Socket(new SafeSocketHandle((nint)_socket.Detach(), ownsHandle: true)), ownsSocket: true);

    public override int Receive(Span<byte> buffer) => Receive(buffer, 0);

    public override bool? PeerHasClosed => Wait(NativePoll.HangUpOnly, 0);

    /// <summary>Receives bytes and the descriptors that the peer passes with them.</summary>
    /// <param name="buffer">Receives the bytes.</param>
    /// <param name="flags">0, or <see cref="NativeSockets.DoNotWait"/>.</param>
    /// <param name="most">Most descriptors to take; the kernel closes the rest.</param>
    /// <param name="passed">The descriptors of one byte; null when none arrived.</param>
    /// <returns>As <see cref="Receive(Span{byte})"/> or <see cref="TryReceive"/>.</returns>
    public int Receive(Span<byte> buffer, int flags, int most, out PassedDescriptors? passed)
    {
        passed = null;
        return ReceiveWith(buffer, flags, most, ref passed);
    }

    /// <summary>Sends bytes without waiting. The first byte carries the descriptors to the peer.</summary>
    /// <returns>As <see cref="TrySend(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>.</returns>
    public int TrySendWith(ReadOnlySpan<NativeHandle> descriptors, ReadOnlySpan<byte> bytes)
    {
        try
        {
            fixed (byte* start = bytes)
            {
                while (!_closed)
                {
                    nint sent = NativeDescriptors.Send(_socket, start, bytes.Length, descriptors);
                    if (sent >= 0)
                    {
                        return (int)sent;
                    }

                    int error = Errno.Last;
                    if (error == Errno.TooManyReferences)
                    {
                        // As many descriptors of this user are in transit as it may have open. A poll would not wait
                        // until some of them have been received.
                        Thread.Sleep(1);
                        return WouldBlock;
                    }

                    if (error == Errno.TryAgain)
                    {
                        return WouldBlock;
                    }

                    if (error != Errno.Interrupted)
                    {
                        throw SendFailed(error);
                    }
                }
            }
        }
        catch (ObjectDisposedException)
        {
        }

        throw Closed();
    }

    /// <summary>Waits until the stream has ended in both directions; false when the time ran out.</summary>
    public bool WaitToHangUp(int milliseconds) => Wait(NativePoll.HangUpOnly, milliseconds);

    public override bool WaitToReceive(int milliseconds) => Wait(NativePoll.Readable, milliseconds);

    /// <summary>
    /// Waits until bytes can be received, the stream has ended, or the event is set. The caller keeps the event open.
    /// </summary>
    /// <returns>False if the event is set.</returns>
    public bool WaitToReceive(NativeEvent interrupt)
    {
        bool added = false;
        try
        {
            _socket.DangerousAddRef(ref added);
            return _closed || !NativePoll.WaitForFirst(interrupt.Handle, _socket, NativePoll.Readable);
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
        finally
        {
            if (added)
            {
                _socket.DangerousRelease();
            }
        }
    }

    public override int TrySend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        if (first.IsEmpty)
        {
            first = second;
            second = default;
        }

        if (first.IsEmpty)
        {
            return _closed ? throw Closed() : 0;
        }

        try
        {
            fixed (byte* firstStart = first, secondStart = second)
            {
                while (!_closed)
                {
                    nint sent = second.IsEmpty
                        ? NativeSockets.Send(
                            _socket, firstStart, (nuint)first.Length, NativeSockets.DoNotWait | NativeSockets.NoSignal)
                        : SendBoth(firstStart, first.Length, secondStart, second.Length);
                    if (sent >= 0)
                    {
                        return (int)sent;
                    }

                    int error = Errno.Last;
                    if (error == Errno.TryAgain)
                    {
                        return WouldBlock;
                    }

                    if (error != Errno.Interrupted)
                    {
                        throw SendFailed(error);
                    }
                }
            }
        }
        catch (ObjectDisposedException)
        {
        }

        throw Closed();
    }

    public override bool WaitToSend(int milliseconds) => Wait(NativePoll.Writable, milliseconds);

    public override void Close()
    {
        _closed = true;
        try
        {
            // A failure means that the peer closed first.
            _ = NativeSockets.Shutdown(_socket, NativeSockets.ShutdownBoth);
        }
        catch (ObjectDisposedException)
        {
        }
    }

    public override void Dispose()
    {
        Close();
        _socket.Dispose();
    }

    private int Receive(Span<byte> buffer, int flags)
    {
        PassedDescriptors? none = null;
        return ReceiveWith(buffer, flags, mostDescriptors: 0, ref none);
    }

    private int ReceiveWith(Span<byte> buffer, int flags, int mostDescriptors, ref PassedDescriptors? passed)
    {
        Debug.Assert(!buffer.IsEmpty, "Receiving nothing cannot be told from the end of the stream.");
        try
        {
            fixed (byte* start = buffer)
            {
                while (!_closed)
                {
                    nint received = mostDescriptors > 0
                        ? ReceiveMessage(start, buffer.Length, flags, mostDescriptors, out passed)
                        : NativeSockets.Receive(_socket, start, (nuint)buffer.Length, flags);
                    if (received >= 0)
                    {
                        return (int)received;
                    }

                    switch (Errno.Last)
                    {
                        case Errno.Interrupted:
                            continue;
                        case Errno.TryAgain when flags != 0:
                            return WouldBlock;
                        case Errno.TryAgain:
                            // The previous owner may have made the descriptor non-blocking; then poll waits.
                            _ = NativePoll.Wait(_socket, NativePoll.Readable, -1);
                            continue;
                        default:
                            // Connection reset: the peer left without reading everything. Nothing more can arrive.
                            return 0;
                    }
                }
            }
        }
        catch (ObjectDisposedException)
        {
        }

        return 0;
    }

    private nint ReceiveMessage(byte* start, int length, int flags, int most, out PassedDescriptors? passed)
    {
        nint received = NativeDescriptors.Receive(
            _socket, start, length, flags, most, out NativeHandle[]? handles, out bool isComplete);
        passed = handles is null ? null : new PassedDescriptors(handles, isComplete);
        return received;
    }

    private nint SendBoth(byte* first, int firstLength, byte* second, int secondLength)
    {
        NativeSockets.Piece* pieces = stackalloc NativeSockets.Piece[2];
        pieces[0] = new NativeSockets.Piece { Start = first, Length = (nuint)firstLength };
        pieces[1] = new NativeSockets.Piece { Start = second, Length = (nuint)secondLength };
        NativeSockets.MessageHeader message = new() { Pieces = pieces, PieceCount = 2 };
        return NativeSockets.SendMessage(_socket, &message, NativeSockets.DoNotWait | NativeSockets.NoSignal);
    }

    private bool Wait(short events, int milliseconds)
    {
        try
        {
            return _closed || NativePoll.Wait(_socket, events, milliseconds);
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    private IOException Closed() => new($"The connection to {IpcText.Escape(Description)} was closed by this side.");

    private IOException SendFailed(int error) => error is Errno.BrokenPipe or Errno.ConnectionReset
        ? new IOException($"The peer of {IpcText.Escape(Description)} closed the connection: {Errno.Describe(error)}.")
        : Errno.Exception($"Sending to {IpcText.Escape(Description)}", error);
}
