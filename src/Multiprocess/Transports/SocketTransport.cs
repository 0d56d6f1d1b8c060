using System.Diagnostics;
using System.Net.Sockets;

namespace Multiprocess.Transports;

/// <summary>A stream socket through the base library, for macOS and Windows; not tested there.</summary>
/// <remarks>
/// The socket is non-blocking and waits in <see cref="Socket.Poll(TimeSpan, SelectMode)"/>; no asynchronous operation
/// is started on it. Waits wake from time to time, because not every system ends a wait when the socket is shut down.
/// </remarks>
internal sealed class SocketTransport : Transport
{
    private static readonly TimeSpan s_lookUpEvery = TimeSpan.FromMilliseconds(250);

    private readonly Socket _socket;
    private volatile bool _closed;

    /// <summary>Takes ownership of a connected stream socket.</summary>
    public SocketTransport(Socket socket, IpcPeer peer, string description)
    {
        _socket = socket;
        _socket.Blocking = false;
        Peer = peer;
        Description = description;
    }

    public override string Description { get; }

    public override IpcPeer Peer { get; }

    public override int TryReceive(Span<byte> buffer)
    {
        Debug.Assert(!buffer.IsEmpty, "Receiving nothing cannot be told from the end of the stream.");
        try
        {
            if (_closed)
            {
                return 0;
            }

            int received = _socket.Receive(buffer, SocketFlags.None, out SocketError error);
            return error switch
            {
                SocketError.Success => received,
                SocketError.WouldBlock or SocketError.Interrupted => WouldBlock,
                _ => 0,
            };
        }
        catch (ObjectDisposedException)
        {
            return 0;
        }
    }

    public override bool CanPeek => true;

    public override int TryPeek(Span<byte> buffer)
    {
        int received = _socket.Receive(buffer, SocketFlags.Peek, out SocketError error);
        return error switch
        {
            SocketError.Success => received,
            SocketError.WouldBlock or SocketError.Interrupted => WouldBlock,
            _ => 0,
        };
    }

    public override Stream HandOver()
    {
        _socket.Blocking = true;
        return new NetworkStream(_socket, ownsSocket: true);
    }

    public override int Receive(Span<byte> buffer)
    {
        while (true)
        {
            int received = TryReceive(buffer);
            if (received != WouldBlock)
            {
                return received;
            }

            _ = WaitToReceive(Timeout.Infinite);
        }
    }

    public override bool WaitToReceive(int milliseconds) => Wait(SelectMode.SelectRead, milliseconds);

    public override int TrySend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        int sent = first.IsEmpty ? 0 : TrySend(first);
        if (second.IsEmpty || sent < first.Length)
        {
            return sent;
        }

        int more = TrySend(second);
        return more == WouldBlock ? (sent > 0 ? sent : WouldBlock) : sent + more;
    }

    public override bool WaitToSend(int milliseconds) => Wait(SelectMode.SelectWrite, milliseconds);

    public override void Close()
    {
        _closed = true;
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
        }
    }

    public override void Dispose()
    {
        Close();
        _socket.Dispose();
    }

    private int TrySend(ReadOnlySpan<byte> bytes)
    {
        try
        {
            if (!_closed)
            {
                int sent = _socket.Send(bytes, SocketFlags.None, out SocketError error);
                if (sent > 0 || error == SocketError.Success)
                {
                    return sent;
                }

                return error is SocketError.WouldBlock or SocketError.Interrupted
                    ? WouldBlock
                    : throw new IOException(
                        $"The peer of {IpcText.Escape(Description)} closed the connection: "
                            + $"{new SocketException((int)error).Message}.");
            }
        }
        catch (ObjectDisposedException)
        {
        }

        throw new IOException($"The connection to {IpcText.Escape(Description)} was closed by this side.");
    }

    private bool HasHungUp()
    {
        _ = _socket.Send(ReadOnlySpan<byte>.Empty, SocketFlags.None, out SocketError error);
        return error is not (SocketError.Success or SocketError.WouldBlock or SocketError.Interrupted);
    }

    private bool Wait(SelectMode mode, int milliseconds)
    {
        long end = milliseconds > 0 ? Environment.TickCount64 + milliseconds : 0;
        try
        {
            while (!_closed)
            {
                TimeSpan remaining = milliseconds < 0
                    ? s_lookUpEvery
                    : TimeSpan.FromMilliseconds(Math.Max(0, end - Environment.TickCount64));
                if (_socket.Poll(remaining < s_lookUpEvery ? remaining : s_lookUpEvery, mode))
                {
                    return true;
                }

                // When our buffer is full, Poll does not report that the peer hung up; sending zero bytes does.
                if (mode == SelectMode.SelectWrite && HasHungUp())
                {
                    return true;
                }

                if (milliseconds >= 0 && Environment.TickCount64 >= end)
                {
                    return _closed;
                }
            }
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
        }

        return true;
    }
}
