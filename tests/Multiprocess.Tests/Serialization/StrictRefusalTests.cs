using Multiprocess.Messages;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Serialization.Codecs;

namespace Multiprocess.Tests.Serialization;

/// <summary>
/// What the package is lax about: refused here, by what was expected and found, and the reader does not move.
/// </summary>
public sealed class StrictRefusalTests
{
    private static IEnumerable<TestCaseData> Refused()
    {
        yield return Row(
            "Expected an integer of 32 bits at byte 0, got str 8 (0xd9).",
            "d90161",
            static (ref r) => r.ReadStrictInt32());
        yield return Row(
            "Expected an integer of 64 bits at byte 0, got float 64 (0xcb).",
            "cb3ff8000000000000",
            static (ref r) => r.ReadStrictInt64());
        yield return Row(
            "Expected an integer from 0 to 255 at byte 0, got 256.", "cd0100", static (ref r) => r.ReadStrictByte());
        yield return Row(
            "Expected an integer from 0 to 255 at byte 0, got -1.", "ff", static (ref r) => r.ReadStrictByte());
        yield return Row(
            "Expected an integer from -128 to 127 at byte 0, got 128.",
            "cc80",
            static (ref r) => r.ReadStrictSByte());
        yield return Row(
            "Expected an integer from -32768 to 32767 at byte 0, got 32768.",
            "cd8000",
            static (ref r) => r.ReadStrictInt16());
        yield return Row(
            "Expected an integer from 0 to 65535 at byte 0, got 65536.",
            "ce00010000",
            static (ref r) => r.ReadStrictChar());
        yield return Row(
            "Expected an integer of 32 bits at byte 0, got 2147483648.",
            "ce80000000",
            static (ref r) => r.ReadStrictInt32());
        yield return Row(
            "Expected an integer of 32 bits, not negative at byte 0, got -1.",
            "ff",
            static (ref r) => r.ReadStrictUInt32());
        yield return Row(
            "Expected an integer of 64 bits at byte 0, got 9223372036854775808.",
            "cf8000000000000000",
            static (ref r) => r.ReadStrictInt64());
        yield return Row(
            "Expected an integer of 64 bits, not negative at byte 0, got -1.",
            "ff",
            static (ref r) => r.ReadStrictUInt64());
        yield return Row(
            "Expected a number of 32 bits at byte 0, got 1E+300.",
            "cb7e37e43c8800759c",
            static (ref r) => r.ReadStrictSingle());
        yield return Row(
            "Expected a number at byte 0, got true (0xc3).", "c3", static (ref r) => r.ReadStrictDouble());
        yield return Row(
            "Expected true or false at byte 0, got positive fixint (0x01).",
            "01",
            static (ref r) => r.ReadStrictBoolean());
        yield return Row(
            "Expected nil at byte 0, got positive fixint (0x01).", "01", static (ref r) => Nothing(ref r));
        yield return Row(
            "Expected a string at byte 0, got bin 8 (0xc4).", "c40161", static (ref r) => r.ReadStrictString());
        yield return Row(
            "Expected bytes at byte 0, got fixstr (0xa1).", "a161", static (ref r) => r.ReadStrictBinary().ToArray());
        yield return Row(
            "Expected an array at byte 0, got fixmap (0x80).", "80", static (ref r) => r.ReadStrictArrayHeader());
        yield return Row(
            "Expected a map at byte 0, got fixarray (0x90).", "90", static (ref r) => r.ReadStrictMapHeader());
        yield return Row(
            "Expected an extension at byte 0, got nil (0xc0).", "c0", static (ref r) => r.ReadStrictDateTime());
        yield return Row(
            "Expected a timestamp at byte 0, got an extension of type 5 and 4 bytes.",
            "d60500000000",
            static (ref r) => r.ReadStrictDateTime());
        yield return Row(
            "Expected a timestamp at byte 0, got an extension of type -1 and 2 bytes.",
            "d5ff0000",
            static (ref r) => r.ReadStrictDateTime());
        yield return Row(
            "Expected a timestamp of the years 1 to 9999 at byte 0, got 0 s and 1000000000 ns.",
            "c70cff3b9aca000000000000000000",
            static (ref r) => r.ReadStrictDateTime());
        yield return Row(
            "Expected a timestamp of the years 1 to 9999 at byte 0, got 0 s and 1000000000 ns.",
            "d7ffee6b280000000000",
            static (ref r) => r.ReadStrictDateTime());
        yield return Row(
            "Expected a timestamp of the years 1 to 9999 at byte 0, got 17179869183 s and 1073741823 ns.",
            "d7ffffffffffffffffff",
            static (ref r) => r.ReadStrictDateTime());
        yield return Row(
            "Expected a timestamp of the years 1 to 9999 at byte 0, got -62135596801 s and 0 ns.",
            "c70cff00000000fffffff1886e08ff",
            static (ref r) => r.ReadStrictDateTime());
        yield return Row(
            "Expected a timestamp of the years 1 to 9999 at byte 0, got -9223372036854775808 s and 0 ns.",
            "c70cff000000008000000000000000",
            static (ref r) => r.ReadStrictDateTime());
        yield return Row(
            "Expected a number of 32 bits at byte 0, got -1E+300.",
            "cbfe37e43c8800759c",
            static (ref r) => r.ReadStrictSingle());
        yield return Row(
            "Expected a timestamp of the years 1 to 9999 at byte 0, got 253402300800 s and 0 ns.",
            "c70cff000000000000003afff44180",
            static (ref r) => r.ReadStrictDateTime());
        yield return Row(
            "Expected a string at byte 0, got fixstr (0xa5) with more in it than the 3 bytes that remain.",
            "a56162",
            static (ref r) => r.ReadStrictString());
        yield return Row(
            "Expected a string at byte 0, got str 32 (0xdb) with more in it than the 6 bytes that remain.",
            "dbffffffff61",
            static (ref r) => r.ReadStrictString());
        yield return Row(
            "Expected an array at byte 0, got array 32 (0xdd) with more in it than the 6 bytes that remain.",
            "ddffffffffc0",
            static (ref r) => r.ReadStrictArrayHeader());
        yield return Row(
            "Expected a map at byte 0, got fixmap (0x82) with more in it than the 4 bytes that remain.",
            "82010203",
            static (ref r) => r.ReadStrictMapHeader());
        yield return Row(
            "Expected a string at byte 0, got the end of the message.", "", static (ref r) => r.ReadStrictString());
        yield return Row("The string at byte 0 is not valid UTF-8.", "a1ff", static (ref r) => r.ReadStrictString());
        yield return Row(
            "The string at byte 0 is not valid UTF-8.", "a3eda080", static (ref r) => r.ReadStrictString());
        yield return Row("The string at byte 0 is not valid UTF-8.", "a2c080", static (ref r) => r.ReadStrictString());
    }

    [TestCaseSource(nameof(Refused))]
    public void Wrong_value_is_refused_by_what_was_expected_and_found(string message, string hex, object read)
    {
        byte[] bytes = Convert.FromHexString(hex);
        var reader = new MessagePackReader(bytes);
        IpcProtocolException? thrown = null;

        try
        {
            ((ReadValue)read)(ref reader);
        }
        catch (IpcProtocolException e)
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
        var reader = new MessagePackReader(bytes);

        reader.SkipStrict();

        Assert.That(reader.End, Is.True);
    }

    [Test]
    public void Code_that_is_never_used_is_refused()
    {
        byte[] bytes = [0x91, 0xc1];

        Assert.That(
            () =>
            {
                var reader = new MessagePackReader(bytes);
                reader.SkipStrict();
            },
            Throws.TypeOf<IpcProtocolException>().With.Message.Contains("0xc1"));
    }

    [Test]
    public void Arrays_that_each_fit_but_not_together_are_refused()
    {
        byte[] bytes = Crossing.Hex("92 92 01 02");

        Assert.That(
            () =>
            {
                var reader = new MessagePackReader(bytes);
                reader.SkipStrict();
            },
            Throws.TypeOf<IpcProtocolException>());
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

    private static object? Nothing(ref MessagePackReader reader)
    {
        reader.ReadStrictNil();
        return null;
    }

    private static TestCaseData Row(string message, string hex, ReadValue read)
        => new TestCaseData(message, hex, read).SetArgDisplayNames($"{hex}: {message}");
}
