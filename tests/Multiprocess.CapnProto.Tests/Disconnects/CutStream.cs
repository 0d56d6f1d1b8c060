using System.Buffers.Binary;
using System.Net.Sockets;

namespace Multiprocess.CapnProto.Tests.Disconnects;

/// <summary>
/// One end of a socket. It notes where the messages end that it sends, and loses the connection after a given byte.
/// </summary>
/// <remarks>One thread at a time writes. Positions count from <see cref="Begin"/>.</remarks>
internal sealed class CutStream(Socket socket) : Stream
{
    private readonly Lock _lock = new();

    // Guarded by _lock, like the fields below.
    private readonly List<(long Start, long End)> _messages = [];
    private readonly List<byte> _head = [];
    private long _sent;
    private long _start;
    private long _bodyLeft;
    private long _origin;
    private long _cutAt = long.MaxValue;
    private Action? _cut;
    private bool _hasCut;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The messages that were sent since <see cref="Begin"/>.</summary>
    public (long Start, long End)[] Messages
    {
        get
        {
            lock (_lock)
            {
                return [.. _messages.Where(message => message.Start >= _origin).Select(
                    message => (message.Start - _origin, message.End - _origin))];
            }
        }
    }

    /// <summary>Whether the connection was cut here.</summary>
    public bool HasCut
    {
        get
        {
            lock (_lock)
            {
                return _hasCut;
            }
        }
    }

    /// <summary>Two connected ends.</summary>
    public static (CutStream First, CutStream Second) Pair()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        string name = "\0" + Guid.NewGuid().ToString("N"); // In the abstract namespace: no file is left.
        listener.Bind(new UnixDomainSocketEndPoint(name));
        listener.Listen(1);
        var first = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        first.Connect(new UnixDomainSocketEndPoint(name));
        return (new(first), new(listener.Accept()));
    }

    /// <summary>Begins to count.</summary>
    /// <param name="cutAt">How many more bytes are sent; null for all.</param>
    /// <param name="cut">Loses the connection.</param>
    public void Begin(long? cutAt, Action cut)
    {
        lock (_lock)
        {
            _origin = _sent;
            _cut = cut;
            _cutAt = cutAt is { } bytes ? _origin + bytes : long.MaxValue;
        }
    }

    /// <summary>Ends this end, as the end of its process would. Any thread.</summary>
    public void CloseEnd()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The connection has ended already.
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        => socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int allowed;
        Action? cut = null;
        lock (_lock)
        {
            allowed = (int)Math.Min(buffer.Length, _cutAt - _sent);
            if (_cutAt - _sent <= buffer.Length)
            {
                cut = _cut;
                _hasCut = true;
            }

            Follow(buffer.Span[..allowed]);
        }

        for (int sent = 0; sent < allowed;)
        {
            sent += await socket.SendAsync(buffer[sent..allowed], SocketFlags.None, cancellationToken);
        }

        cut?.Invoke();
        if (allowed < buffer.Length)
        {
            throw new IOException("The test has cut the connection.");
        }
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        socket.Dispose();
        base.Dispose(disposing);
    }

    // A message is its segment table and its segments: a number of segments less one, and the words of each.
    private void Follow(ReadOnlySpan<byte> bytes)
    {
        foreach (byte next in bytes)
        {
            if (_bodyLeft > 0)
            {
                _bodyLeft--;
            }
            else
            {
                _start = _head.Count == 0 ? _sent : _start;
                _head.Add(next);
                _bodyLeft = BodyBytes();
            }

            _sent++;
            if (_bodyLeft == 0 && _head.Count == 0)
            {
                _messages.Add((_start, _sent));
            }
        }
    }

    private long BodyBytes()
    {
        if (_head.Count < sizeof(uint))
        {
            return 0;
        }

        ReadOnlySpan<byte> head = [.. _head];
        int segments = 1 + BinaryPrimitives.ReadInt32LittleEndian(head);
        if (head.Length < sizeof(uint) * (segments + 1 + ((segments + 1) & 1)))
        {
            return 0;
        }

        long words = 0;
        for (int i = 1; i <= segments; i++)
        {
            words += BinaryPrimitives.ReadUInt32LittleEndian(head[(sizeof(uint) * i)..]);
        }

        _head.Clear();
        return 8 * words;
    }
}
