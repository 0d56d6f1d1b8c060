using System.Buffers.Binary;
using Multiprocess.Transports;

namespace Multiprocess.Fuzz;

/// <summary>A transport that writes down, frame by frame, what is sent through it.</summary>
internal sealed class RecordingTransport(Transport inner, bool byClient, List<Chunk> into) : Transport
{
    // Only the sending thread of the moment touches it, under the sender's own rule.
    private readonly List<byte> _rest = [];

    public override string Description => inner.Description;

    public override IpcPeer Peer => inner.Peer;

    public override bool CanWaitBesideReceiver => inner.CanWaitBesideReceiver;

    public override int TryReceive(Span<byte> buffer) => inner.TryReceive(buffer);

    public override int Receive(Span<byte> buffer) => inner.Receive(buffer);

    public override bool WaitToReceive(int milliseconds) => inner.WaitToReceive(milliseconds);

    public override int TrySend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        // Before the peer can answer: the order of the two directions is part of the record.
        lock (into)
        {
            int sent = inner.TrySend(first, second);
            for (int i = 0; i < sent; i++)
            {
                _rest.Add(i < first.Length ? first[i] : second[i - first.Length]);
            }

            TakeFrames();
            return sent;
        }
    }

    public override bool WaitToSend(int milliseconds) => inner.WaitToSend(milliseconds);

    public override void Close() => inner.Close();

    public override void Dispose() => inner.Dispose();

    private void TakeFrames()
    {
        while (_rest.Count >= sizeof(int))
        {
            int length = sizeof(int) + BinaryPrimitives.ReadInt32LittleEndian([.. _rest.Take(sizeof(int))]);
            if (_rest.Count < length)
            {
                return;
            }

            into.Add(new Chunk(byClient, [.. _rest.Take(length)]));
            _rest.RemoveRange(0, length);
        }
    }
}
