using Multiprocess.Native;
using Multiprocess.Transports;

namespace Multiprocess;

/// <summary>A transport whose sending is subject to the faults of its direction.</summary>
internal sealed class FaultyTransport(Transport inner, IpcTestDirection direction) : Transport
{
    public override string Description => inner.Description;

    public override IpcPeer Peer => inner.Peer;

    public override bool CanWaitBesideReceiver => inner.CanWaitBesideReceiver;

    public override bool PassesDescriptors => inner.PassesDescriptors;

    public override void PassDescriptors(long position, NativeHandle[] descriptors)
        => inner.PassDescriptors(position, descriptors);

    public override void ExpectDescriptors() => inner.ExpectDescriptors();

    public override PassedDescriptors? TakeDescriptors() => inner.TakeDescriptors();

    public override int TryReceive(Span<byte> buffer) => inner.TryReceive(buffer);

    public override int Receive(Span<byte> buffer) => inner.Receive(buffer);

    public override bool? PeerHasClosed => inner.PeerHasClosed;

    public override bool WaitToReceive(int milliseconds) => inner.WaitToReceive(milliseconds);

    public override int TrySend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        int sent = direction.Send(inner, first, second, out bool isCutNow);
        if (isCutNow)
        {
            inner.Close();
        }

        return sent;
    }

    public override bool WaitToSend(int milliseconds)
        => direction.WaitUntilFlowing(milliseconds) && inner.WaitToSend(milliseconds);

    public override void Close()
    {
        inner.Close();
        direction.Close();
    }

    public override void Dispose() => inner.Dispose();
}
