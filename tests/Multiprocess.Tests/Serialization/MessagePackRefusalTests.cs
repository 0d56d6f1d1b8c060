using Multiprocess.Messages;
using Multiprocess.Serialization;
using Multiprocess.Serialization.Codecs;
using Multiprocess.Transports.Memory;

namespace Multiprocess.Tests.Serialization;

public sealed class MessagePackRefusalTests
{
    private static IEnumerable<TestCaseData> Refused()
    {
        yield return Row("Expected an integer at byte 0, found str8 (0xd9).", "d90161", static (ref r) => r.ReadInt32());
        yield return Row("Expected an integer at byte 0, found float64 (0xcb).", "cb3ff8000000000000", static (ref r) => r.ReadInt64());
        yield return Row("Expected an integer from 0 to 255 at byte 0, found 256.", "cd0100", static (ref r) => r.ReadByte());
        yield return Row("Expected an integer from 0 to 255 at byte 0, found -1.", "ff", static (ref r) => r.ReadByte());
        yield return Row("Expected an integer from -128 to 127 at byte 0, found 128.", "cc80", static (ref r) => r.ReadSByte());
        yield return Row("Expected an integer from -32768 to 32767 at byte 0, found 32768.", "cd8000", static (ref r) => r.ReadInt16());
        yield return Row("Expected an integer from 0 to 65535 at byte 0, found 65536.", "ce00010000", static (ref r) => r.ReadChar());
        yield return Row("Expected an integer of 32 bits at byte 0, found 2147483648.", "ce80000000", static (ref r) => r.ReadInt32());
        yield return Row("Expected an integer of 32 bits, not negative at byte 0, found -1.", "ff", static (ref r) => r.ReadUInt32());
        yield return Row("Expected an integer of 64 bits at byte 0, found 9223372036854775808.", "cf8000000000000000", static (ref r) => r.ReadInt64());
        yield return Row("Expected an integer of 64 bits, not negative at byte 0, found -1.", "ff", static (ref r) => r.ReadUInt64());
        yield return Row("Expected a number of 32 bits at byte 0, found 1E+300.", "cb7e37e43c8800759c", static (ref r) => r.ReadSingle());
        yield return Row("Expected a number at byte 0, found true (0xc3).", "c3", static (ref r) => r.ReadDouble());
        yield return Row("Expected true or false at byte 0, found positive fixint (0x01).", "01", static (ref r) => r.ReadBoolean());
        yield return Row("Expected nil at byte 0, found positive fixint (0x01).", "01", static (ref r) => r.ReadNil());
        yield return Row("Expected a string at byte 0, found bin8 (0xc4).", "c40161", static (ref r) => r.ReadString());
        yield return Row("Expected bytes at byte 0, found fixstr (0xa1).", "a161", static (ref r) => r.ReadBytes());
        yield return Row("Expected an array at byte 0, found fixmap (0x80).", "80", static (ref r) => r.ReadArrayHeader());
        yield return Row("Expected a map at byte 0, found fixarray (0x90).", "90", static (ref r) => r.ReadMapHeader());
        yield return Row("Expected an extension at byte 0, found nil (0xc0).", "c0", static (ref r) => r.ReadDateTime());
        yield return Row("Expected a timestamp at byte 0, found an extension of type 5 and 4 bytes.", "d60500000000", static (ref r) => r.ReadDateTime());
        yield return Row("Expected a timestamp at byte 0, found an extension of type -1 and 2 bytes.", "d5ff0000", static (ref r) => r.ReadDateTime());
        yield return Row("Expected a timestamp of the years 1 to 9999 at byte 0, found 0 s and 1000000000 ns.", "c70cff3b9aca000000000000000000", static (ref r) => r.ReadDateTime());
        yield return Row("Expected a timestamp of the years 1 to 9999 at byte 0, found 253402300800 s and 0 ns.", "c70cff000000000000003afff44180", static (ref r) => r.ReadDateTime());
        yield return Row("The value at byte 0 takes 6 bytes, but only 3 remain.", "a56162", static (ref r) => r.ReadString());
        yield return Row("The value at byte 0 takes 4294967300 bytes, but only 6 remain.", "dbffffffff61", static (ref r) => r.ReadString());
        yield return Row("The array at byte 0 announces 4294967295 elements, more than the 1 bytes that remain can hold.", "ddffffffffc0", static (ref r) => r.ReadArrayHeader());
        yield return Row("The map at byte 0 announces 2 elements, more than the 3 bytes that remain can hold.", "82010203", static (ref r) => r.ReadMapHeader());
        yield return Row("The string at byte 0 is not valid UTF-8.", "a1ff", static (ref r) => r.ReadString());
        yield return Row("The string at byte 0 is not valid UTF-8.", "a3eda080", static (ref r) => r.ReadString());
        yield return Row("The string at byte 0 is not valid UTF-8.", "a2c080", static (ref r) => r.ReadString());
    }

    [TestCaseSource(nameof(Refused))]
    public void Wrong_value_is_refused_by_what_was_expected_and_found(string message, string hex, object read)
    {
        byte[] bytes = Convert.FromHexString(hex);
        var reader = new MessagePackReader(bytes.AsSpan());
        MessagePackSerializationException? thrown = null;

        try
        {
            ((ReadValue)read)(ref reader);
        }
        catch (MessagePackSerializationException e)
        {
            thrown = e;
        }

        Assert.That(thrown?.Message, Is.EqualTo(message));
        Assert.That(reader.Consumed, Is.Zero, "A refused value was consumed.");
    }

    [Test]
    public void Nesting_without_end_is_skipped_in_constant_stack()
    {
        byte[] bytes = new byte[1_000_000];
        Array.Fill(bytes, (byte)0x91);
        bytes[^1] = 0xc0;
        var reader = new MessagePackReader(bytes.AsSpan());

        reader.Skip();

        Assert.That(reader.End, Is.True);
    }

    [Test]
    public void Code_that_is_never_used_is_refused()
    {
        byte[] bytes = [0x91, 0xc1];

        Assert.That(
            () =>
            {
                var reader = new MessagePackReader(bytes.AsSpan());
                reader.Skip();
            },
            Throws.TypeOf<MessagePackSerializationException>().With.Message.Contains("0xc1"));
    }

    [Test]
    public void Arrays_that_each_fit_but_not_together_are_refused()
    {
        byte[] bytes = Crossing.Hex("92 92 01 02");

        Assert.That(
            () =>
            {
                var reader = new MessagePackReader(bytes.AsSpan());
                reader.Skip();
            },
            Throws.TypeOf<MessagePackSerializationException>());
    }

    [Test]
    public void Lone_surrogate_is_not_written()
    {
        // No test cases: an attribute cannot hold such a text.
        foreach (string text in new[] { "\ud800", "a\udc00b", new string('x', 5000) + "\ud800" })
        {
            IpcException? thrown = Assert.Throws<IpcException>(() => Crossing.Encode<string, StringCodec>(text));

            Assert.That(thrown!.Kind, Is.EqualTo(IpcErrorKind.ArgumentNotEncoded));
        }
    }

    [Test]
    public void Array_header_is_not_tried_when_incomplete()
    {
        var reader = new MessagePackReader(new byte[] { 0xdc, 0x00 }.AsSpan());

        Assert.That(reader.TryReadArrayHeader(out _), Is.False);
        Assert.That(reader.Consumed, Is.Zero);
    }

    private static TestCaseData Row(string message, string hex, ReadValue read)
        => new TestCaseData(message, hex, read).SetArgDisplayNames($"{hex}: {message}");
}
