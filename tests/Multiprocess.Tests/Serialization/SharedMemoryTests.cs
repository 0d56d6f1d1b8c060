using Microsoft.Win32.SafeHandles;
using Multiprocess.Native;
using Multiprocess.Tests.Transports;

namespace Multiprocess.Tests.Serialization;

/// <summary>Memory that crosses: who may write it, and what is refused when it is received.</summary>
[Platform("Linux")]
[NonParallelizable]
internal sealed class SharedMemoryTests
{
    [Test]
    public void A_receiver_sees_what_the_creator_writes_and_cannot_write_itself()
    {
        using var memory = SharedMemory.Create(10_000);
        using SharedMemory received = Received(memory);

        memory.Write(9_990, [1, 2, 3]);
        byte[] read = new byte[3];
        received.Read(9_990, read);

        Assert.That(read, Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(received.Length, Is.EqualTo(10_000));
        Assert.That((memory.IsReadOnly, received.IsReadOnly), Is.EqualTo((false, true)));
        Assert.That(() => received.Span.Length, Throws.InvalidOperationException);
        Assert.That(() => received.Write(0, [1]), Throws.InvalidOperationException);
        Assert.That(() => received.Freeze(), Throws.InvalidOperationException);
    }

    [Test]
    public void The_kernel_lets_a_receiver_neither_map_it_for_writing_nor_seal_it()
    {
        using var memory = SharedMemory.Create(4096);
        using SafeFileHandle file = memory.OpenForReading();
        Assert.That(file.IsInvalid, Is.False);

        int descriptor = (int)file.DangerousGetHandle();

        Assert.That(NativeSharedMemory.Map(descriptor, 4096, isWritable: true), Is.EqualTo((nint)0));
        Assert.That(NativeSharedMemory.Freeze(descriptor), Is.False);
        Assert.That(Descriptors.IsClosedOnExec(descriptor), Is.True);
        Assert.That(memory.IsFrozen, Is.False);
    }

    [Test]
    public void Frozen_memory_is_unchangeable_for_all()
    {
        using var memory = SharedMemory.Create(4096);
        memory.Span.Fill(7);
        using SharedMemory received = Received(memory);

        memory.Freeze();
        memory.Freeze();

        Assert.That((memory.IsFrozen, received.IsFrozen, memory.IsReadOnly), Is.EqualTo((true, true, true)));
        Assert.That(memory.ReadOnlySpan.IndexOfAnyExcept((byte)7), Is.EqualTo(-1));
        Assert.That(() => memory.Write(0, [1]), Throws.InvalidOperationException);
    }

    [TestCase(4095)]
    [TestCase(4097)]
    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(long.MaxValue)]
    public void Another_length_than_it_has_is_refused(long length)
    {
        using var memory = SharedMemory.Create(4096);
        using SafeFileHandle file = memory.OpenForReading();

        Assert.That(() => SharedMemory.Open(file, length), Throws.TypeOf<IpcProtocolException>());
    }

    [Test]
    public void A_file_that_can_shrink_is_refused()
    {
        string path = Path.GetTempFileName();
        File.WriteAllBytes(path, new byte[4096]);
        using SafeFileHandle file = File.OpenHandle(path);
        File.Delete(path);

        Assert.That(() => SharedMemory.Open(file, 4096), Throws.TypeOf<IpcProtocolException>());
    }

    [TestCase(-1, 1)]
    [TestCase(4096, 1)]
    [TestCase(4090, 7)]
    [TestCase(long.MaxValue, 1)]
    public void Bytes_beyond_the_end_are_refused(long offset, int count)
    {
        using var memory = SharedMemory.Create(4096);

        Assert.That(() => memory.Read(offset, new byte[count]), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => memory.Write(offset, new byte[count]), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Everything_is_given_back_and_a_disposed_object_says_so()
    {
        int before = Descriptors.Count();
        var memory = SharedMemory.Create(4096);
        memory.Dispose();
        memory.Dispose();

        Assert.That(Descriptors.Count(), Is.EqualTo(before));
        Assert.That(() => memory.Read(0, new byte[1]), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => memory.Span.Length, Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => memory.IsFrozen, Throws.TypeOf<ObjectDisposedException>());
    }

    [TestCase(0)]
    [TestCase(-5)]
    [TestCase((1L << 40) + 1)]
    public void A_length_out_of_range_is_refused(long length)
        => Assert.That(() => SharedMemory.Create(length), Throws.TypeOf<ArgumentOutOfRangeException>());

    private static SharedMemory Received(SharedMemory memory)
    {
        using SafeFileHandle file = memory.OpenForReading();
        int duplicate = NativeDescriptors.Duplicate((int)file.DangerousGetHandle());
        return SharedMemory.Open(new SafeFileHandle(duplicate, ownsHandle: true), memory.Length);
    }
}
