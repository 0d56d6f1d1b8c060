// Written by 'multiprocess import' from imported.capnp. Ids and ordinals are the schema's.
#nullable enable
using System;
using System.Collections.Generic;
using System.Threading;
using Multiprocess;
using Multiprocess.CapnProto;
using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;

namespace Multiprocess.CapnProto.Tests.Contracts.Imported;

[CapnpInterface(0xa1b2c3d4e5f60718, Context = true, Construct = 0, Destroy = 1)]
public interface IDepot : IDisposable
{
    [CapnpMethod(2)]
    [return: CapnpField(0, Has = 1)]
    Item? Find([CapnpField(1)] string name, [CapnpField(2, Default = 10)] int limit);

    [CapnpMethod(3)]
    void Count(
        [CapnpField(1)] Item[] items,
        [CapnpField(2)] Mode mode,
        [CapnpField(0)] out long total,
        [CapnpField(1)] out bool wanted);

    [CapnpMethod(4)]
    void Change([CapnpField(1, Result = 0)] ref uint stock, [CapnpField(1, Want = 2)] out byte[] old);

    [CapnpMethod(5)]
    [CapnpThrows(1, typeof(ItemException))]
    [CapnpThrows(2, typeof(Exception))]
    [return: CapnpField(0)]
    string Buy([CapnpField(1)] Item item);

    [CapnpMethod(6)]
    [return: CapnpField(0)]
    IDepot? Watch([CapnpField(1)] Changed @event);

    [CapnpMethod(7, Context = -1)]
    void Reset();

    // rest @8: a contract cannot have a group, or a default value that is no number.

    [CapnpMethod(9)]
    [return: CapnpField(0)]
    Choice? Choose([CapnpField(1)] Choice choice);

    [CapnpMethod(10)]
    [return: CapnpField(0)]
    PairOfTextAndItem[] Pairs([CapnpField(1)] PairOfTextAndItem[] pairs);

    [CapnpMethod(11)]
    [return: CapnpField(0)]
    Forms? Forms(
        [CapnpField(1)] Forms forms,
        [CapnpField(2, Result = 1)] ref CapnpMessage? any,
        [CapnpField(3, Result = 2)] ref ValueTuple nothing);

    [CapnpMethod(12)]
    [return: CapnpField(0)]
    Choice[] Choices([CapnpField(1)] Choice[] choices);
}

[CapnpInterface(0xa1b2c3d4e5f60719, Context = true, Destroy = 0)]
[CapnpMethod(1)]
[return: CapnpField(0)]
public delegate int Changed([CapnpField(1)] int arg);

[CapnpInterface(0xa1b2c3d4e5f6071a)]
public interface IPlain : IBase
{
    [CapnpMethod(0)]
    [return: CapnpField(0)]
    int Divide([CapnpField(0)] int a, [CapnpField(1)] int b, [CapnpField(1)] out int remainder);

    [CapnpMethod(1)]
    void Big(
        [CapnpField(0, Default = 18446744073709551615UL)] ulong a,
        [CapnpField(1, Default = 1.5d)] double b,
        [CapnpField(2, Default = float.PositiveInfinity)] float c);
}

[CapnpInterface(0xa1b2c3d4e5f6071b)]
public interface IBase
{
    [CapnpMethod(0)]
    void Ping();
}

public enum Mode : ushort
{
    Fast = 0,
    Exact = 1,
}

[CapnpStruct(0xccc479724d28984e)]
public sealed record Item
{
    [CapnpField(0)]
    public string Name { get; init; } = "";

    [CapnpField(1, Default = -1L)]
    public long Price { get; init; } = -1L;

    [CapnpField(2, Has = 3)]
    public byte? Discount { get; init; }

    [CapnpField(4, Default = 1)]
    public Mode Mode { get; init; } = (Mode)1;

    [CapnpField(5)]
    public byte[] Seal { get; init; } = [];

    [CapnpField(6)]
    public Item[] Parts { get; init; } = [];

    [CapnpField(7)]
    public IDepot? Depot { get; init; }

    [CapnpField(8)]
    public Nested? Nested { get; init; }
}

[CapnpStruct(0xbf3cf93365a06ef3)]
public sealed record Nested
{
    [CapnpField(0, Default = true)]
    public bool IsThere { get; init; } = true;
}

[CapnpStruct(0xd7a8c5fde15728cf)]
[IpcUnion(0, typeof(Choice.Nothing))]
[IpcUnion(1, typeof(Choice.One))]
[IpcUnion(2, typeof(Choice.Area))]
[IpcUnion(3, typeof(Choice.Many))]
[IpcUnion(4, typeof(Choice.ItemCase))]
[IpcUnion(5, typeof(Choice.Text))]
[IpcUnion(6, typeof(Choice.Depth))]
public abstract record Choice
{
    [CapnpField(0)]
    public string Label { get; init; } = "";

    public OriginGroup Origin { get; init; } = new();

    [CapnpGroup]
    public sealed record OriginGroup
    {
        [CapnpField(14)]
        public short X { get; init; }

        [CapnpField(15)]
        public short Y { get; init; }
    }

    [CapnpField(1)]
    public sealed record Nothing : Choice;

    public sealed record One([property: CapnpField(2, Default = 7)] int Value) : Choice;

    public sealed record Area : Choice
    {
        [CapnpField(3)]
        public double Width { get; init; }

        [CapnpField(4)]
        public double Height { get; init; }

        public required UnitUnion Unit { get; init; }

        [CapnpGroup]
        [IpcUnion(0, typeof(Choice.Area.UnitUnion.Pixels))]
        [IpcUnion(1, typeof(Choice.Area.UnitUnion.Named))]
        public abstract record UnitUnion
        {
            [CapnpField(7)]
            public sealed record Pixels : UnitUnion;

            public sealed record Named([property: CapnpField(8)] string Value) : UnitUnion;
        }
    }

    public sealed record Many([property: CapnpField(5)] Choice[] Value) : Choice;

    public sealed record ItemCase([property: CapnpField(6)] Item? Value) : Choice;

    public sealed record Text([property: CapnpField(9)] string Value) : Choice;

    [IpcUnion(0, typeof(Choice.Depth.Shallow))]
    [IpcUnion(1, typeof(Choice.Depth.Deep))]
    public abstract record Depth : Choice
    {
        public sealed record Shallow([property: CapnpField(10)] bool Value) : Depth;

        public sealed record Deep : Depth
        {
            [CapnpField(11, Default = 3)]
            public byte Level { get; init; } = 3;

            [CapnpField(12)]
            public long Value { get; init; }

            [CapnpField(13)]
            public string LabelValue { get; init; } = "";
        }
    }
}

[CapnpStruct(0x8e8d182ea089372e)]
public sealed record Forms
{
    [CapnpField(0)]
    public List<byte> Bytes { get; init; } = [];

    [CapnpField(1)]
    public ValueTuple[] Nothings { get; init; } = [];

    [CapnpField(2)]
    public ValueTuple Skipped { get; init; }

    [CapnpField(3)]
    public CapnpMessage? Any { get; init; }

    [CapnpField(4)]
    public Pair? Open { get; init; }

    public required StateUnion State { get; init; }

    public ModeGroup Mode { get; init; } = new();

    [CapnpGroup(UnionOrdinal = 6)]
    [IpcUnion(0, typeof(Forms.StateUnion.Off))]
    [IpcUnion(1, typeof(Forms.StateUnion.On))]
    public abstract record StateUnion
    {
        [CapnpField(5)]
        public sealed record Off : StateUnion;

        public sealed record On([property: CapnpField(7)] ushort Value) : StateUnion;
    }

    [CapnpGroup]
    public sealed record ModeGroup
    {
        [CapnpField(8)]
        public bool Fast { get; init; }

        public InnerGroup Inner { get; init; } = new();

        [CapnpGroup]
        public sealed record InnerGroup
        {
            [CapnpField(9)]
            public string Name { get; init; } = "";
        }
    }
}

[CapnpStruct(0xb9e17706951436e5)]
public sealed record PairOfTextAndItem
{
    [CapnpField(0)]
    public string First { get; init; } = "";

    [CapnpField(1)]
    public Item? Second { get; init; }
}

[CapnpStruct(0xb9e17706951436e5)]
public sealed record Pair
{
    [CapnpField(0)]
    public CapnpMessage? First { get; init; }

    [CapnpField(1)]
    public CapnpMessage? Second { get; init; }
}

[CapnpStruct(0xccc479724d28984e)]
public sealed class ItemException : Exception
{
    [CapnpField(0)]
    public string Name { get; init; } = "";

    [CapnpField(1, Default = -1L)]
    public long Price { get; init; } = -1L;

    [CapnpField(2, Has = 3)]
    public byte? Discount { get; init; }

    [CapnpField(4, Default = 1)]
    public Mode Mode { get; init; } = (Mode)1;

    [CapnpField(5)]
    public byte[] Seal { get; init; } = [];

    [CapnpField(6)]
    public Item[] Parts { get; init; } = [];

    [CapnpField(7)]
    public IDepot? Depot { get; init; }

    [CapnpField(8)]
    public Nested? Nested { get; init; }
}
