// Written by 'multiprocess import' from imported.capnp. Ids and ordinals are the schema's.
#nullable enable
using System;
using System.Collections.Generic;
using System.Threading;
using Multiprocess.CapnProto;
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

    // rest @8: a contract cannot have AnyPointer.

    // choose @9: a contract cannot have Choice, which has a union or a group.

    [CapnpMethod(10)]
    [return: CapnpField(0)]
    PairOfTextAndItem[] Pairs([CapnpField(1)] PairOfTextAndItem[] pairs);
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

// struct Choice: a contract cannot have Choice, which has a union or a group.

[CapnpStruct(0xb9e17706951436e5)]
public sealed record PairOfTextAndItem
{
    [CapnpField(0)]
    public string First { get; init; } = "";

    [CapnpField(1)]
    public Item? Second { get; init; }
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
