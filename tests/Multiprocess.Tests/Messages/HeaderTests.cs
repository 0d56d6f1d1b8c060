using System.Buffers;
using Multiprocess.Messages;

namespace Multiprocess.Tests.Messages;

/// <summary>
/// The integers of a header: written as the package's writer would write them, and read in every form that it has.
/// </summary>
public sealed class HeaderTests
{
    private static IEnumerable<long> Integers =>
        Enumerable.Range(0, 64)
            .SelectMany(static bit => new[] { (1L << bit) - 1, 1L << bit, (1L << bit) + 1 })
            .SelectMany(static value => new[] { value, unchecked(-value) })
            .Append(-32)
            .Append(-33)
            .Distinct();

    [TestCaseSource(nameof(Integers))]
    public void Integer_has_the_bytes_of_the_package_and_comes_back(long value)
    {
        byte[] bytes = new byte[9];
        var header = new HeaderWriter(bytes);

        header.Put(value);

        Assert.That(
            bytes.AsSpan(0, header.Written).ToArray(),
            Is.EqualTo(Package((ref MessagePackWriter writer) => writer.Write(value))));
        var reader = new HeaderReader(bytes.AsSpan(0, header.Written));
        Assert.That(reader.ReadInt64(), Is.EqualTo(value));
        Assert.That(reader.Consumed, Is.EqualTo(header.Written));
    }

    [TestCaseSource(nameof(Integers))]
    public void Integer_that_is_cut_off_is_refused(long value)
    {
        byte[] bytes = Package((ref MessagePackWriter writer) => writer.Write(value));

        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.That(
                () => new HeaderReader(bytes.AsSpan(0, length)).ReadInt64(), Throws.InstanceOf<IpcProtocolException>());
        }
    }

    [TestCase(-1)]
    [TestCase(256)]
    [TestCase(long.MaxValue)]
    public void Integer_beyond_a_byte_is_refused(long value)
    {
        byte[] bytes = Package((ref MessagePackWriter writer) => writer.Write(value));

        Assert.That(
            () => new HeaderReader(bytes).ReadByte(),
            Throws.InstanceOf<IpcProtocolException>().With.Message.Contains("Expected an integer"));
    }

    [TestCase(-1)]
    [TestCase(1L << 32)]
    public void Integer_beyond_32_bits_is_refused(long value)
    {
        byte[] bytes = Package((ref MessagePackWriter writer) => writer.Write(value));

        Assert.That(() => new HeaderReader(bytes).ReadUInt32(), Throws.InstanceOf<IpcProtocolException>());
    }

    [Test]
    public void Integer_beyond_64_signed_bits_is_refused()
    {
        byte[] bytes = Package(static (ref MessagePackWriter writer) => writer.Write(ulong.MaxValue));

        Assert.That(() => new HeaderReader(bytes).ReadInt64(), Throws.InstanceOf<IpcProtocolException>());
    }

    private delegate void Writing(ref MessagePackWriter writer);

    private static byte[] Package(Writing write)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(output);
        write(ref writer);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }
}
