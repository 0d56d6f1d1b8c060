using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Tests.Support;

namespace Multiprocess.CapnProto.Tests.Messages;

/// <summary>What an older or newer schema wrote, and pointers that this side does not write itself.</summary>
public sealed class ReadingTests
{
    [Test]
    public void Field_that_is_not_there_has_its_default()
    {
        CapnpStructReader older = Words.Message("00 00 00 00 01 00 00 00 | 01 00 00 00 00 00 00 00").Root.ReadStruct();

        Assert.That(older.ReadInt32(0), Is.EqualTo(1));
        Assert.That(older.ReadInt32(2, 42), Is.EqualTo(42));
        Assert.That(older.ReadUInt32(uint.MaxValue, 7), Is.EqualTo(7));
        Assert.That(older.ReadUInt64(0x2000_0000, 8), Is.EqualTo(8));
        Assert.That(older.ReadBool(64, defaultValue: true), Is.True);
        Assert.That(older.ReadDouble(1, 1.5), Is.EqualTo(1.5));
        Assert.That(older.Pointer(0).IsNull, Is.True);
        Assert.That(older.Pointer(3).ReadText(), Is.Null);
    }

    [Test]
    public void Null_pointer_is_a_struct_of_defaults_and_an_empty_list()
    {
        CapnpPointerReader none = Words.Message("00 00 00 00 00 00 00 00").Root;

        Assert.That(none.Kind, Is.EqualTo(CapnpPointerKind.Null));
        Assert.That(none.ReadStruct().ReadSingle(9, 2), Is.EqualTo(2));
        Assert.That(none.ReadStruct().Pointer(0).ReadStruct().PointerCount, Is.Zero);
        Assert.That(none.ReadList(CapnpElementSize.Bit).Count, Is.Zero);
        Assert.That(none.ReadData().Length + none.ReadTextBytes().Length, Is.Zero);
        Assert.That(none.ReadCapabilityIndex(), Is.Null);
    }

    [Test]
    public void Numbers_become_structs()
    {
        using var builder = new CapnpMessageBuilder();
        CapnpListBuilder numbers = builder.Root.InitList(CapnpElementSize.TwoBytes, 3);
        numbers.CopyFrom<ushort>([1, 2, 3]);

        CapnpListReader structs = builder.Root.AsReader().ReadList(CapnpElementSize.Composite);

        Assert.That(structs.Struct(1).ReadUInt16(0), Is.EqualTo(2));
        Assert.That(
            structs.Struct(2).ReadUInt32(0, 9), Is.EqualTo(9), "A field that is wider than the number is not there.");
        Assert.That(structs.Struct(2).ReadUInt16(1), Is.Zero);
    }

    [Test]
    public void Texts_become_structs()
    {
        using var builder = new CapnpMessageBuilder();
        builder.Root.InitList(CapnpElementSize.Pointer, 2).PointerAt(1).WriteText("one");

        CapnpListReader structs = builder.Root.AsReader().ReadList(CapnpElementSize.Composite);

        Assert.That(structs.Struct(1).Pointer(0).ReadText(), Is.EqualTo("one"));
        Assert.That(structs.Struct(1).DataBits, Is.Zero);
    }

    [Test]
    public void Structs_become_their_first_field()
    {
        using var builder = new CapnpMessageBuilder();
        CapnpListBuilder structs = builder.Root.InitStructList(new(2, 2), 2);
        structs.Struct(1).WriteUInt64(0, 0x1122334455667788);
        structs.Struct(1).Pointer(0).WriteText("first");
        CapnpPointerReader root = builder.Root.AsReader();

        Assert.That(root.ReadList(CapnpElementSize.EightBytes).ReadUInt64(1), Is.EqualTo(0x1122334455667788));
        Assert.That(root.ReadList(CapnpElementSize.Byte).ReadByte(1), Is.EqualTo(0x88));
        Assert.That(root.ReadList(CapnpElementSize.Pointer).PointerAt(1).ReadText(), Is.EqualTo("first"));
        Assert.That(root.ReadList(CapnpElementSize.Void).Count, Is.EqualTo(2));
        byte[] bytes = new byte[2];
        root.ReadList(CapnpElementSize.Byte).CopyTo<byte>(bytes);
        Assert.That(bytes, Is.EqualTo(new byte[] { 0, 0x88 }));
    }

    // The rows are what there is, the columns what is expected: void, bit, byte, 2, 4, 8 bytes, pointer, struct.
    [TestCase(CapnpElementSize.Void, "y......y")]
    [TestCase(CapnpElementSize.Bit, "yy......")]
    [TestCase(CapnpElementSize.Byte, "y.y....y")]
    [TestCase(CapnpElementSize.TwoBytes, "y.yy...y")]
    [TestCase(CapnpElementSize.FourBytes, "y.yyy..y")]
    [TestCase(CapnpElementSize.EightBytes, "y.yyyy.y")]
    [TestCase(CapnpElementSize.Pointer, "y.....yy")]
    public void List_is_read_where_its_elements_fit(CapnpElementSize found, string fits)
    {
        using var builder = new CapnpMessageBuilder();
        builder.Root.InitList(found, 1);
        CapnpPointerReader root = builder.Root.AsReader();

        Assert.That(Fitting(root), Is.EqualTo(fits));
    }

    [TestCase(0, 0, "y......y")]
    [TestCase(1, 0, "y.yyyy.y")]
    [TestCase(0, 1, "y.....yy")]
    [TestCase(1, 1, "y.yyyyyy")]
    public void List_of_structs_is_read_where_its_first_field_fits(int dataWords, int pointers, string fits)
    {
        using var builder = new CapnpMessageBuilder();
        builder.Root.InitStructList(new((ushort)dataWords, (ushort)pointers), 1);

        Assert.That(Fitting(builder.Root.AsReader()), Is.EqualTo(fits));
    }

    [Test]
    public void Element_that_is_not_there_is_refused([Values(-1, 3, int.MaxValue, int.MinValue)] int index)
    {
        using var builder = new CapnpMessageBuilder();
        CapnpListBuilder list = builder.Root.InitList(CapnpElementSize.FourBytes, 3);
        CapnpListReader reader = builder.Root.AsReader().ReadList();

        Assert.That(() => reader.ReadInt32(index), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => reader.ReadBool(index), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => reader.Struct(index), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => reader.PointerAt(index), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => list.WriteInt32(index, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => list.WriteInt64(0, 1), Throws.InstanceOf<InvalidOperationException>());
        Assert.That(() => list.Struct(0), Throws.InstanceOf<InvalidOperationException>());
    }

    [TestCase("02 00 00 00 01 00 00 00", "00 00 00 00 01 00 00 00 | 2a 00 00 00 00 00 00 00", "", TestName = "Far")]
    [TestCase(
        "06 00 00 00 01 00 00 00",
        "0a 00 00 00 02 00 00 00 | 00 00 00 00 01 00 00 00",
        "00 00 00 00 00 00 00 00 | 2a 00 00 00 00 00 00 00",
        TestName = "Double far")]
    [TestCase(
        "0a 00 00 00 00 00 00 00 | 00 00 00 00 01 00 00 00 | 2a 00 00 00 00 00 00 00",
        "",
        "",
        TestName = "Far and home")]
    public void Far_pointers_are_followed(string first, string second, string third)
        => Assert.That(Words.Message(first, second, third).Root.ReadStruct().ReadInt32(0), Is.EqualTo(42));

    [Test]
    public void Double_far_pointer_to_a_list_is_followed()
    {
        CapnpMessage message = Words.Message(
            "06 00 00 00 01 00 00 00",
            "02 00 00 00 02 00 00 00 | 01 00 00 00 17 00 00 00",
            "08 00 00 00 01 00 00 00 | 05 00 00 00 00 00 00 00 | 06 00 00 00 00 00 00 00");

        CapnpListReader list = message.Root.ReadList();

        Assert.That((list.Count, list.Struct(1).ReadInt32(0)), Is.EqualTo((2, 6)));
    }

    [Test]
    public void Objects_are_copied_from_message_to_message()
    {
        CapnpMessage source = Words.Message(
            "06 00 00 00 01 00 00 00",
            "02 00 00 00 02 00 00 00 | 01 00 00 00 17 00 00 00",
            "08 00 00 00 01 00 00 00 | 05 00 00 00 00 00 00 00 | 06 00 00 00 00 00 00 00");
        using var builder = new CapnpMessageBuilder();

        builder.Root.Write(source.Root);

        Assert.That(Words.Format(builder), Is.EqualTo(
            "01 00 00 00 17 00 00 00 | 08 00 00 00 01 00 00 00 | 05 00 00 00 00 00 00 00 | 06 00 00 00 00 00 00 00"));
    }

    [Test]
    public void Bits_behind_the_last_one_are_not_copied()
    {
        CapnpMessage source = Words.Message("01 00 00 00 19 00 00 00 | ff ff ff ff ff ff ff ff");
        using var builder = new CapnpMessageBuilder();

        builder.Root.Write(source.Root);

        Assert.That(Words.Format(builder), Is.EqualTo("01 00 00 00 19 00 00 00 | 07 00 00 00 00 00 00 00"));
    }

    [Test]
    public void Memory_that_is_no_array_is_read()
    {
        byte[] frame = Words.Frame("01 00 00 00 1a 00 00 00 | 61 62 00 00 00 00 00 00");
        using var memory = new UnmanagedBytes(frame);

        Assert.That(CapnpMessage.Read(memory.Memory).Root.ReadText(), Is.EqualTo("ab"));
    }

    [Test]
    public void Capability_is_an_index()
    {
        CapnpPointerReader pointer = Words.Message("03 00 00 00 07 00 00 00").Root;
        using var copy = new CapnpMessageBuilder();
        copy.Root.Write(pointer);

        Assert.That((pointer.Kind, pointer.ReadCapabilityIndex()), Is.EqualTo((CapnpPointerKind.Capability, (uint?)7)));
        Assert.That(copy.Root.AsReader().ReadCapabilityIndex(), Is.EqualTo(7));
        Assert.That(
            () => Words.Message("03 00 00 00 07 00 00 00").ToCanonicalArray(),
            Throws.InstanceOf<InvalidOperationException>());
    }

    private static string Fitting(CapnpPointerReader pointer)
        => string.Concat(Enum.GetValues<CapnpElementSize>().Select(expected =>
        {
            try
            {
                pointer.ReadList(expected);
                return 'y';
            }
            catch (IpcProtocolException)
            {
                return '.';
            }
        }));

    private sealed unsafe class UnmanagedBytes : System.Buffers.MemoryManager<byte>
    {
        private readonly int _length;
        private void* _bytes;

        public UnmanagedBytes(byte[] content)
        {
            _length = content.Length;
            _bytes = System.Runtime.InteropServices.NativeMemory.Alloc((nuint)_length);
            content.CopyTo(GetSpan());
        }

        public override Span<byte> GetSpan() => new(_bytes, _length);

        public override System.Buffers.MemoryHandle Pin(int elementIndex = 0) => new((byte*)_bytes + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
            System.Runtime.InteropServices.NativeMemory.Free(_bytes);
            _bytes = null;
        }
    }
}
