using System.Buffers;
using Multiprocess.CapnProto.Messages;

namespace Multiprocess.CapnProto.Tests.Messages;

/// <summary>Messages of numbers allocate nothing once builder and reader are warm.</summary>
public sealed class AllocationTests
{
    [Test]
    public void Warm_message_of_numbers_allocates_nothing()
    {
        using var builder = new CapnpMessageBuilder();
        var message = new CapnpMessage();
        byte[] frame = new byte[1024];
        Exchange(builder, message, frame);

        long before = GC.GetAllocatedBytesForCurrentThread();
        long sum = 0;
        for (int i = 0; i < 1000; i++)
        {
            sum += Exchange(builder, message, frame);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That((allocated, sum), Is.EqualTo((0L, 15_000L)));
    }

    [Test]
    public void Warm_message_of_several_segments_allocates_nothing()
    {
        using var builder = new CapnpMessageBuilder(firstSegmentWords: 1);
        var writer = new ArrayBufferWriter<byte>(100_000);
        for (int i = 0; i < 10; i++)
        {
            Fill(builder, writer);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        Fill(builder, writer);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(builder.Arena.Count, Is.GreaterThan(1));
        Assert.That(allocated, Is.Zero);
    }

    private static void Fill(CapnpMessageBuilder builder, ArrayBufferWriter<byte> writer)
    {
        builder.Reset();
        CapnpListBuilder list = builder.Root.InitList(CapnpElementSize.Pointer, 100);
        for (int i = 0; i < list.Count; i++)
        {
            list.PointerAt(i).InitStruct(new(10, 1)).WriteInt32(3, i);
        }

        writer.ResetWrittenCount();
        builder.WriteTo(writer);
    }

    private static long Exchange(CapnpMessageBuilder builder, CapnpMessage message, byte[] frame)
    {
        builder.Reset();
        CapnpStructBuilder fields = builder.Root.InitStruct(new(2, 2));
        fields.WriteInt32(0, 1);
        fields.WriteDouble(1, 2);
        fields.Pointer(0).InitStruct(new(1, 0)).WriteInt64(0, 3);
        CapnpListBuilder list = fields.Pointer(1).InitList(CapnpElementSize.FourBytes, 2);
        list.WriteInt32(0, 4);
        list.WriteInt32(1, 5);
        builder.CopyTo(frame);

        message.Load(frame.AsMemory(0, (int)builder.FrameBytes));
        CapnpStructReader read = message.Root.ReadStruct();
        CapnpListReader numbers = read.Pointer(1).ReadList(CapnpElementSize.FourBytes);
        return read.ReadInt32(0) + (long)read.ReadDouble(1) + read.Pointer(0).ReadStruct().ReadInt64(0)
            + numbers.ReadInt32(0) + numbers.ReadInt32(1);
    }
}
