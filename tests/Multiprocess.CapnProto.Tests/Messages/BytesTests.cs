using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Tests.Support;

namespace Multiprocess.CapnProto.Tests.Messages;

/// <summary>What is built, byte for byte, and that it is read as what it was.</summary>
public sealed class BytesTests
{
    private static readonly CapnpStructSize s_oneOfEach = new(1, 1);

    [Test]
    public void Empty_message_is_a_null_pointer()
        => Assert.That(Built(_ => { }), Is.EqualTo("00 00 00 00 00 00 00 00"));

    [Test]
    public void Numbers_are_XORed_with_their_defaults()
    {
        string built = Built(root =>
        {
            CapnpStructBuilder fields = root.InitStruct(new(2, 0));
            fields.WriteUInt16(0, 0x1234, 0x00ff);
            fields.WriteBool(16, value: true);
            fields.WriteBool(17, value: true, defaultValue: true);
            fields.WriteSByte(3, -1);
            fields.WriteInt32(1, -2);
            fields.WriteDouble(1, 1.0);
        });

        Assert.That(built, Is.EqualTo(
            "00 00 00 00 02 00 00 00 | cb 12 01 ff fe ff ff ff | 00 00 00 00 00 00 f0 3f"));
    }

    [Test]
    public void Struct_without_fields_points_to_itself()
        => Assert.That(Built(root => root.InitStruct(default)), Is.EqualTo("fc ff ff ff 00 00 00 00"));

    [Test]
    public void Text_ends_with_a_zero()
        => Assert.That(
            Built(root => root.WriteText("häh")),
            Is.EqualTo("01 00 00 00 2a 00 00 00 | 68 c3 a4 68 00 00 00 00"));

    [Test]
    public void Data_is_a_list_of_bytes()
        => Assert.That(
            Built(root => root.WriteData([1, 2, 3])),
            Is.EqualTo("01 00 00 00 1a 00 00 00 | 01 02 03 00 00 00 00 00"));

    [Test]
    public void Lists_have_the_size_of_their_elements()
    {
        using var builder = new CapnpMessageBuilder();
        CapnpListBuilder lists = builder.Root.InitList(CapnpElementSize.Pointer, 4);
        lists.PointerAt(0).InitList(CapnpElementSize.Bit, 10).WriteBool(9, value: true);
        lists.PointerAt(1).InitList(CapnpElementSize.TwoBytes, 3).WriteInt16(2, -1);
        lists.PointerAt(2).InitList(CapnpElementSize.Void, 5);
        lists.PointerAt(3).InitList(CapnpElementSize.FourBytes, 1).WriteSingle(0, 1);

        Assert.That(Words.Format(builder), Is.EqualTo(
            "01 00 00 00 26 00 00 00 | 0d 00 00 00 51 00 00 00 | 0d 00 00 00 1b 00 00 00 | 0d 00 00 00 28 00 00 00 | "
                + "09 00 00 00 0c 00 00 00 | 00 02 00 00 00 00 00 00 | 00 00 00 00 ff ff 00 00 | 00 00 80 3f 00 00 00 00"));
    }

    [Test]
    public void Lists_of_structs_have_a_tag()
    {
        string built = Built(root =>
        {
            CapnpListBuilder list = root.InitStructList(s_oneOfEach, 2);
            list.Struct(0).WriteByte(0, 1);
            list.Struct(1).Pointer(0).WriteCapabilityIndex(5);
        });

        Assert.That(built, Is.EqualTo(
            "01 00 00 00 27 00 00 00 | 08 00 00 00 01 00 01 00 | 01 00 00 00 00 00 00 00 | 00 00 00 00 00 00 00 00 | "
                + "00 00 00 00 00 00 00 00 | 03 00 00 00 05 00 00 00"));
    }

    [Test]
    public void Objects_go_to_another_segment_when_theirs_is_full()
    {
        using var builder = new CapnpMessageBuilder(firstSegmentWords: 1);
        FillFirst(builder);

        builder.Root.WriteData([7]);

        Assert.That(Words.Format(builder), Does.EndWith("/ 01 00 00 00 0a 00 00 00 | 07 00 00 00 00 00 00 00"));
        Assert.That(builder.Root.AsReader().ReadData().ToArray(), Is.EqualTo(new byte[] { 7 }));
        Assert.That(CapnpMessage.Read(builder.ToArray()).Root.ReadData().ToArray(), Is.EqualTo(new byte[] { 7 }));
    }

    [Test]
    public void What_is_replaced_is_wiped()
    {
        using var builder = new CapnpMessageBuilder();
        CapnpStructBuilder root = builder.Root.InitStruct(new(1, 3));
        root.WriteUInt64(0, ulong.MaxValue);
        root.Pointer(0).WriteText("a secret of several words");
        CapnpListBuilder list = root.Pointer(1).InitStructList(new(1, 1), 2);
        list.Struct(1).Pointer(0).WriteText("another one");
        root.Pointer(2).InitList(CapnpElementSize.Pointer, 2).PointerAt(1).WriteData([1, 2, 3]);

        builder.Root.Clear();

        Assert.That(builder.Arena.First.Used.ContainsAnyExcept((byte)0), Is.False);
    }

    [Test]
    public void What_is_replaced_is_wiped_in_other_segments()
    {
        using var builder = new CapnpMessageBuilder(firstSegmentWords: 1);
        FillFirst(builder);
        CapnpStructBuilder root = builder.Root.InitStruct(new(0, 1));
        root.Pointer(0).WriteData(new byte[5000]);
        byte[] much = new byte[5000];
        much.AsSpan().Fill(1);
        root.Pointer(0).WriteData(much);

        builder.Root.Clear();

        Assert.That(
            Enumerable.Range(1, builder.Arena.Count - 1).Any(i => builder.Arena[i].Used.ContainsAnyExcept((byte)0)),
            Is.False);
    }

    [Test]
    public void Reset_builder_starts_with_zeros_again()
    {
        using var builder = new CapnpMessageBuilder(firstSegmentWords: 2);
        builder.Root.InitStruct(new(1, 0)).WriteUInt64(0, ulong.MaxValue);

        builder.Reset();
        builder.Root.InitStruct(new(1, 0));

        Assert.That(Words.Format(builder), Is.EqualTo("00 00 00 00 01 00 00 00 | 00 00 00 00 00 00 00 00"));
    }

    [Test]
    public void Struct_is_given_again()
    {
        using var builder = new CapnpMessageBuilder();
        builder.Root.GetOrInitStruct(s_oneOfEach).WriteByte(1, 9);

        CapnpStructBuilder again = builder.Root.GetOrInitStruct(new(4, 4));

        Assert.That((again.Size, again.AsReader().ReadByte(1)), Is.EqualTo((s_oneOfEach, (byte)9)));
        Assert.That(() => again.WriteUInt64(1, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => again.Pointer(1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Disposed_builder_says_so()
    {
        var builder = new CapnpMessageBuilder();
        builder.Dispose();
        builder.Dispose();

        Assert.That(() => builder.Root, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(builder.Reset, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(builder.ToArray, Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void Text_with_half_a_surrogate_pair_is_refused()
    {
        using var builder = new CapnpMessageBuilder();

        Assert.That(() => builder.Root.WriteText("\ud800"), Throws.InstanceOf<ArgumentException>());
        Assert.That(builder.Root.IsNull, Is.True);
    }

    // The smallest array of the pool is larger than a word.
    private static void FillFirst(CapnpMessageBuilder builder)
    {
        Segment first = builder.Arena.First;
        builder.Arena.TryAllocate(first, (first.Bytes.Length - first.End) / 8);
    }

    private static string Built(Action<CapnpPointerBuilder> build)
    {
        using var builder = new CapnpMessageBuilder();
        build(builder.Root);
        return Words.Format(builder);
    }
}
