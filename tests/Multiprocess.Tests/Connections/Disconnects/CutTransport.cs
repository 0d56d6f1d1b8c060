using System.Buffers.Binary;
using Multiprocess.Transports;

namespace Multiprocess.Tests.Connections.Disconnects;

/// <summary>
/// A transport that notes where the frames end that it sends, and that loses the connection after a given byte.
/// </summary>
/// <remarks>Positions count from <see cref="Begin"/>, which comes after the handshake.</remarks>
internal sealed class CutTransport(Transport inner) : Transport
{
    private readonly Lock _lock = new();
    private readonly List<(long Start, long End)> _frames = [];
    private readonly List<byte> _header = [];
    private long _sent;
    private long _frameStart;
    private long _bodyLeft;
    private long _origin;
    private long _cutAt = long.MaxValue;
    private Action? _cut;

    public override string Description => inner.Description;

    public override IpcPeer Peer => inner.Peer;

    public override bool CanWaitBesideReceiver => inner.CanWaitBesideReceiver;

    public override bool CanSpin => inner.CanSpin;

    public override int Unseen => inner.Unseen;

    /// <summary>The frames that were sent since <see cref="Begin"/>.</summary>
    public (long Start, long End)[] Frames
    {
        get
        {
            lock (_lock)
            {
                return [.. _frames.Where(frame => frame.Start >= _origin).Select(
                    frame => (frame.Start - _origin, frame.End - _origin))];
            }
        }
    }

    /// <summary>Whether the connection was cut here.</summary>
    public bool HasCut { get; private set; }

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

    public override int TryReceive(Span<byte> buffer) => inner.TryReceive(buffer);

    public override int Receive(Span<byte> buffer) => inner.Receive(buffer);

    public override int SpinToReceive(Span<byte> buffer, int spins) => inner.SpinToReceive(buffer, spins);

    public override bool WaitToReceive(int milliseconds) => inner.WaitToReceive(milliseconds);

    public override int TrySend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        long left;
        lock (_lock)
        {
            left = _cutAt - _sent;
        }

        if (left <= 0)
        {
            HasCut = true;
            _cut!();
            throw new IOException("The test has cut the connection.");
        }

        int allowed = (int)Math.Min(first.Length + second.Length, left);
        int ofFirst = Math.Min(first.Length, allowed);
        first = first[..ofFirst];
        second = second[..(allowed - ofFirst)];
        int sent = inner.TrySend(first, second);
        if (sent > 0)
        {
            Note(first, second, sent);
            if (sent == left)
            {
                HasCut = true;
                _cut!();
            }
        }

        return sent;
    }

    public override bool WaitToSend(int milliseconds) => inner.WaitToSend(milliseconds);

    public override void Close() => inner.Close();

    public override void Dispose() => inner.Dispose();

    private void Note(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, int sent)
    {
        lock (_lock)
        {
            Follow(first[..Math.Min(first.Length, sent)]);
            Follow(second[..Math.Max(0, sent - first.Length)]);
        }
    }

    private void Follow(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_bodyLeft == 0)
            {
                if (_header.Count == 0)
                {
                    _frameStart = _sent;
                }

                _header.Add(bytes[0]);
                bytes = bytes[1..];
                _sent++;
                if (_header.Count == sizeof(uint))
                {
                    _bodyLeft = BinaryPrimitives.ReadUInt32LittleEndian(_header.ToArray());
                    _header.Clear();
                }
            }
            else
            {
                int taken = (int)Math.Min(bytes.Length, _bodyLeft);
                bytes = bytes[taken..];
                _sent += taken;
                _bodyLeft -= taken;
            }

            if (_bodyLeft == 0 && _header.Count == 0)
            {
                _frames.Add((_frameStart, _sent));
            }
        }
    }
}
