using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Tests.Support;

namespace Multiprocess.CapnProto.Tests.Messages;

/// <summary>Messages that are wrong in one place, or that ask for more than the limits allow.</summary>
public sealed class HostileMessageTests
{
    [TestCase("04 00 00 00 01 00 00 00 | 00 00 00 00 00 00 00 00", TestName = "Struct behind the end")]
    [TestCase("00 00 00 00 02 00 00 00 | 00 00 00 00 00 00 00 00", TestName = "Struct over the end")]
    [TestCase("f8 ff ff ff 01 00 00 00 | 00 00 00 00 00 00 00 00", TestName = "Struct before the start")]
    [TestCase("00 00 00 80 01 00 00 00 | 00 00 00 00 00 00 00 00", TestName = "Smallest offset")]
    [TestCase("fc ff ff 7f 01 00 00 00 | 00 00 00 00 00 00 00 00", TestName = "Largest offset")]
    [TestCase("00 00 00 00 ff ff ff ff | 00 00 00 00 00 00 00 00", TestName = "Largest struct")]
    [TestCase("03 00 00 00 00 00 00 00", TestName = "Capability")]
    [TestCase("07 00 00 00 00 00 00 00", TestName = "Kind that is not defined")]
    [TestCase("02 00 00 00 01 00 00 00", TestName = "Segment that there is not")]
    [TestCase("0a 00 00 00 00 00 00 00", TestName = "Landing pad behind the end")]
    [TestCase("02 00 00 00 00 00 00 00", TestName = "Far pointer that lands on itself")]
    [TestCase("0a 00 00 00 00 00 00 00 | 03 00 00 00 00 00 00 00", TestName = "Far pointer that lands on a capability")]
    [TestCase("0e 00 00 00 00 00 00 00 | 02 00 00 00 00 00 00 00", TestName = "Double landing pad over the end")]
    [TestCase(
        "0e 00 00 00 00 00 00 00 | 00 00 00 00 01 00 00 00 | 00 00 00 00 01 00 00 00",
        TestName = "Double landing pad without a far pointer")]
    [TestCase(
        "0e 00 00 00 00 00 00 00 | 06 00 00 00 00 00 00 00 | 00 00 00 00 01 00 00 00",
        TestName = "Double landing pad with a double far pointer")]
    [TestCase(
        "0e 00 00 00 00 00 00 00 | 02 00 00 00 00 00 00 00 | 03 00 00 00 01 00 00 00",
        TestName = "Double landing pad with a capability as the tag")]
    [TestCase(
        "0e 00 00 00 00 00 00 00 | 1a 00 00 00 00 00 00 00 | 00 00 00 00 01 00 00 00",
        TestName = "Object of a double far pointer behind the end")]
    [TestCase("01 00 00 00 0a 00 00 00 | 00 00 00 00 00 00 00 00", TestName = "List in the place of a struct")]
    public void Struct_is_refused(string words)
        => Assert.That(() => Words.Message(words).Root.ReadStruct(), Throws.InstanceOf<IpcProtocolException>());

    [TestCase("01 00 00 00 4a 00 00 00 | 00 00 00 00 00 00 00 00", TestName = "Bytes over the end")]
    [TestCase("01 00 00 00 fd ff ff ff | 00 00 00 00 00 00 00 00", TestName = "Most elements")]
    [TestCase("01 00 00 00 0f 00 00 00 | 04 00 00 00 01 00 00 00", TestName = "Structs over the end")]
    [TestCase("01 00 00 00 07 00 00 00 | 04 00 00 00 01 00 00 00", TestName = "Structs of more words than the list")]
    [TestCase("01 00 00 00 07 00 00 00 | fc ff ff 7f ff ff ff ff", TestName = "Structs that overflow")]
    [TestCase("01 00 00 00 07 00 00 00 | 01 00 00 00 00 00 00 00", TestName = "Tag that is no struct")]
    [TestCase("01 00 00 00 07 00 00 00 | fc ff ff ff 00 00 00 00", TestName = "Tag with a negative count")]
    [TestCase("00 00 00 00 01 00 00 00 | 00 00 00 00 00 00 00 00", TestName = "Struct in the place of a list")]
    public void List_is_refused(string words)
        => Assert.That(() => Words.Message(words).Root.ReadList(), Throws.InstanceOf<IpcProtocolException>());

    [TestCase("01 00 00 00 0a 00 00 00 | 61 00 00 00 00 00 00 00", TestName = "Text without a zero")]
    [TestCase("01 00 00 00 02 00 00 00", TestName = "Text without a byte")]
    [TestCase("01 00 00 00 12 00 00 00 | ff 00 00 00 00 00 00 00", TestName = "Text that is no UTF-8")]
    [TestCase("01 00 00 00 0b 00 00 00 | 00 00 00 00 00 00 00 00", TestName = "Text of wide elements")]
    public void Text_is_refused(string words)
        => Assert.That(() => Words.Message(words).Root.ReadText(), Throws.InstanceOf<IpcProtocolException>());

    [Test]
    public void Message_without_a_root_is_refused()
        => Assert.That(
            () => Words.Message("").Root,
            Throws.InstanceOf<IpcProtocolException>().With.Message.EqualTo(
                "Message: Expected a root pointer, got an empty first segment."));

    [Test]
    public void Text_that_is_no_UTF8_can_be_read_as_bytes()
        => Assert.That(
            Words.Message("01 00 00 00 12 00 00 00 | ff 00 00 00 00 00 00 00").Root.ReadTextBytes().ToArray(),
            Is.EqualTo(new byte[] { 0xff }));

    [Test]
    public void Pointers_that_lead_in_a_circle_end_at_the_nesting_limit()
    {
        // A struct of one pointer, which leads to that struct.
        CapnpMessage message = Words.Message("00 00 00 00 00 00 01 00 | f8 ff ff ff 00 00 01 00");
        CapnpPointerReader pointer = message.Root;
        int followed = 0;

        Assert.That(
            () =>
            {
                for (; followed < 1000; followed++)
                {
                    pointer = pointer.ReadStruct().Pointer(0);
                }
            },
            Throws.InstanceOf<IpcProtocolException>().With.Message.Contains("nested"));
        Assert.That(followed, Is.EqualTo(64));
    }

    [Test]
    public void Object_behind_many_pointers_counts_each_time()
    {
        // Two pointers to one list of 100 words.
        var limits = new CapnpLimits { MaxTraversalWords = 250 };
        string words = "00 00 00 00 00 00 02 00 | 05 00 00 00 25 03 00 00 | 01 00 00 00 25 03 00 00"
            + string.Concat(Enumerable.Repeat(" | 00 00 00 00 00 00 00 00", 100));
        CapnpStructReader root = CapnpMessage.Read(Words.Frame(words), limits).Root.ReadStruct();
        root.Pointer(0).ReadList();
        root.Pointer(1).ReadList();

        Assert.That(
            () => root.Pointer(0).ReadList(),
            Throws.InstanceOf<IpcProtocolException>().With.Message.EqualTo(
                "Message: Expected at most 250 words to read, got pointers to more."));
    }

    [TestCase("01 00 00 00 f8 ff ff ff", TestName = "Most voids")]
    [TestCase("01 00 00 00 07 00 00 00 | fc ff ff 7f 00 00 00 00", TestName = "Most structs without fields")]
    public void Elements_without_size_count(string words)
        => Assert.That(
            () => Words.Message(words).Root.ReadList(),
            Throws.InstanceOf<IpcProtocolException>().With.Message.Contains("8,388,608 words"));

    [Test]
    public void Message_can_be_loaded_again_and_again()
    {
        var message = new CapnpMessage(new CapnpLimits { MaxTraversalWords = 10 });
        for (byte i = 0; i < 100; i++)
        {
            message.Load(Words.Frame($"00 00 00 00 01 00 00 00 | {i:x2} 00 00 00 00 00 00 00"));

            Assert.That(message.Root.ReadStruct().ReadByte(0), Is.EqualTo(i));
        }
    }

    [Test]
    public void Message_that_could_not_be_loaded_is_empty()
    {
        var message = new CapnpMessage();
        message.Load(Words.Frame("00 00 00 00 01 00 00 00 | 01 00 00 00 00 00 00 00"));

        Assert.That(() => message.Load(new byte[3]), Throws.InstanceOf<IpcProtocolException>());
        Assert.That(() => message.Root, Throws.InstanceOf<IpcProtocolException>());
    }
}
