using Multiprocess.Serialization;
using Multiprocess.Serialization.Codecs;

namespace Multiprocess.Tests.Serialization;

public sealed class EnumCodecTests
{
    private enum Dense : byte
    {
        Zero,
        One,
        Two,
    }

    private enum Sparse : long
    {
        Low = long.MinValue,
        Minus = -5,
        High = long.MaxValue,
    }

    [Flags]
    private enum Marks : short
    {
        None = 0,
        First = 1,
        Third = 4,
    }

    private enum Empty : ulong;

    [Test]
    public void Defined_values_cross()
    {
        Assert.That(Crossing.Cross<Dense, EnumCodec<Dense>>(Dense.Two), Is.EqualTo(Dense.Two));
        Assert.That(Crossing.Cross<Sparse, EnumCodec<Sparse>>(Sparse.Low), Is.EqualTo(Sparse.Low));
        Assert.That(Crossing.Cross<Sparse, EnumCodec<Sparse>>(Sparse.Minus), Is.EqualTo(Sparse.Minus));
        Assert.That(
            Crossing.Cross<Marks, EnumCodec<Marks>>(Marks.First | Marks.Third), Is.EqualTo(Marks.First | Marks.Third));
        Assert.That(Crossing.Encode<Dense, EnumCodec<Dense>>(Dense.Two), Is.EqualTo(new byte[] { 2 }));
    }

    [Test]
    public void Undefined_value_fails_the_call_alone()
    {
        Refused<Dense, EnumCodec<Dense>>("03");
        Refused<Sparse, EnumCodec<Sparse>>("00");
        Refused<Marks, EnumCodec<Marks>>("02");
        Refused<Marks, EnumCodec<Marks>>("ff");
        Refused<Empty, EnumCodec<Empty>>("00");
    }

    [Test]
    public void Value_beyond_the_underlying_type_is_malformed()
        => Assert.That(
            () => Crossing.Decode<Dense, EnumCodec<Dense>>(Crossing.Hex("cd0100")),
            Throws.TypeOf<IpcProtocolException>());

    [Test]
    public void Open_enum_takes_any_value_of_the_underlying_type()
    {
        Assert.That(Crossing.Cross<Dense, OpenEnumCodec<Dense>>((Dense)200), Is.EqualTo((Dense)200));
        Assert.That(
            Crossing.Cross<Empty, OpenEnumCodec<Empty>>((Empty)ulong.MaxValue), Is.EqualTo((Empty)ulong.MaxValue));
    }

    [Test]
    public void Warm_enum_allocates_nothing()
    {
        byte[] bytes = [2];
        var context = new PlainReadContext();
        Read(bytes, context);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Read(bytes, context);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private static void Read(byte[] bytes, PlainReadContext context)
    {
        var reader = new MessagePackReader(bytes);
        EnumCodec<Dense>.Read(ref reader, context);
    }

    private static void Refused<T, TCodec>(string hex)
        where TCodec : struct, IIpcCodec<T>
        => Assert.That(
            () => Crossing.Decode<T, TCodec>(Crossing.Hex(hex)),
            Throws.TypeOf<IpcException>().With.Property(nameof(IpcException.Kind)).EqualTo(
                IpcErrorKind.ArgumentNotDecoded));
}
