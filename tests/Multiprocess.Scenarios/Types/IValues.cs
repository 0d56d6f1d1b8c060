using System.Collections;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Multiprocess.Scenarios.Types;

/// <summary>Sends back a value of each type that is one: numbers, texts, times, addresses, tuples.</summary>
[IpcInterface]
public interface IValues
{
    bool Echo(bool value);

    byte Echo(byte value);

    sbyte Echo(sbyte value);

    short Echo(short value);

    ushort Echo(ushort value);

    int Echo(int value);

    uint Echo(uint value);

    long Echo(long value);

    ulong Echo(ulong value);

    nint Echo(nint value);

    nuint Echo(nuint value);

    char Echo(char value);

    float Echo(float value);

    double Echo(double value);

    Half Echo(Half value);

    decimal Echo(decimal value);

    Int128 Echo(Int128 value);

    UInt128 Echo(UInt128 value);

    BigInteger Echo(BigInteger value);

    Complex Echo(Complex value);

    string Echo(string value);

    Guid Echo(Guid value);

    DateTime Echo(DateTime value);

    DateTimeOffset Echo(DateTimeOffset value);

    DateOnly Echo(DateOnly value);

    TimeOnly Echo(TimeOnly value);

    TimeSpan Echo(TimeSpan value);

    Uri Echo(Uri value);

    Version Echo(Version value);

    IPAddress Echo(IPAddress value);

    IPEndPoint Echo(IPEndPoint value);

    IPNetwork Echo(IPNetwork value);

    CultureInfo Echo(CultureInfo value);

    Rune Echo(Rune value);

    Index Echo(Index value);

    Range Echo(Range value);

    BitArray Echo(BitArray value);

    JsonElement Echo(JsonElement value);

    JsonNode Echo(JsonNode value);

    int? Echo(int? value);

    DateTime? Echo(DateTime? value);

    (int, string) Echo((int, string) value);

    (int A, (string? B, double C) D)? Echo((int A, (string? B, double C) D)? value);

    (int, int, int, string) Echo((int, int, int, string) value);

    (int, int, int, int, string) Echo((int, int, int, int, string) value);

    (int, int, int, int, int, string) Echo((int, int, int, int, int, string) value);

    (int, int, int, int, int, int, string) Echo((int, int, int, int, int, int, string) value);

    Tuple<int, int, string> Echo(Tuple<int, int, string> value);

    Tuple<int, int, int, string> Echo(Tuple<int, int, int, string> value);

    Tuple<int, int, int, int, string> Echo(Tuple<int, int, int, int, string> value);

    Tuple<int, int, int, int, int, string> Echo(Tuple<int, int, int, int, int, string> value);

    Tuple<int, int, int, int, int, int, string> Echo(Tuple<int, int, int, int, int, int, string> value);

    (int, int, int, int, int, int, int, string) Echo((int, int, int, int, int, int, int, string) value);

    (int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, string) Echo(
        (int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, string) value);

    Tuple<int, string?> Echo(Tuple<int, string?> value);

    Tuple<int, int, int, int, int, int, int, Tuple<int>> Echo(
        Tuple<int, int, int, int, int, int, int, Tuple<int>> value);

    KeyValuePair<string, int> Echo(KeyValuePair<string, int> value);
}

public sealed class Values : IValues
{
    public bool Echo(bool value) => value;

    public byte Echo(byte value) => value;

    public sbyte Echo(sbyte value) => value;

    public short Echo(short value) => value;

    public ushort Echo(ushort value) => value;

    public int Echo(int value) => value;

    public uint Echo(uint value) => value;

    public long Echo(long value) => value;

    public ulong Echo(ulong value) => value;

    public nint Echo(nint value) => value;

    public nuint Echo(nuint value) => value;

    public char Echo(char value) => value;

    public float Echo(float value) => value;

    public double Echo(double value) => value;

    public Half Echo(Half value) => value;

    public decimal Echo(decimal value) => value;

    public Int128 Echo(Int128 value) => value;

    public UInt128 Echo(UInt128 value) => value;

    public BigInteger Echo(BigInteger value) => value;

    public Complex Echo(Complex value) => value;

    public string Echo(string value) => value;

    public Guid Echo(Guid value) => value;

    public DateTime Echo(DateTime value) => value;

    public DateTimeOffset Echo(DateTimeOffset value) => value;

    public DateOnly Echo(DateOnly value) => value;

    public TimeOnly Echo(TimeOnly value) => value;

    public TimeSpan Echo(TimeSpan value) => value;

    public Uri Echo(Uri value) => value;

    public Version Echo(Version value) => value;

    public IPAddress Echo(IPAddress value) => value;

    public IPEndPoint Echo(IPEndPoint value) => value;

    public IPNetwork Echo(IPNetwork value) => value;

    public CultureInfo Echo(CultureInfo value) => value;

    public Rune Echo(Rune value) => value;

    public Index Echo(Index value) => value;

    public Range Echo(Range value) => value;

    public BitArray Echo(BitArray value) => value;

    public JsonElement Echo(JsonElement value) => value;

    public JsonNode Echo(JsonNode value) => value;

    public int? Echo(int? value) => value;

    public DateTime? Echo(DateTime? value) => value;

    public (int, string) Echo((int, string) value) => value;

    public (int A, (string? B, double C) D)? Echo((int A, (string? B, double C) D)? value) => value;

    public (int, int, int, string) Echo((int, int, int, string) value) => value;

    public (int, int, int, int, string) Echo((int, int, int, int, string) value) => value;

    public (int, int, int, int, int, string) Echo((int, int, int, int, int, string) value) => value;

    public (int, int, int, int, int, int, string) Echo((int, int, int, int, int, int, string) value) => value;

    public Tuple<int, int, string> Echo(Tuple<int, int, string> value) => value;

    public Tuple<int, int, int, string> Echo(Tuple<int, int, int, string> value) => value;

    public Tuple<int, int, int, int, string> Echo(Tuple<int, int, int, int, string> value) => value;

    public Tuple<int, int, int, int, int, string> Echo(Tuple<int, int, int, int, int, string> value) => value;

    public Tuple<int, int, int, int, int, int, string> Echo(Tuple<int, int, int, int, int, int, string> value) => value;

    public (int, int, int, int, int, int, int, string) Echo((int, int, int, int, int, int, int, string) value) => value;

    public (int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, string) Echo(
        (int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, string) value)
        => value;

    public Tuple<int, string?> Echo(Tuple<int, string?> value) => value;

    public Tuple<int, int, int, int, int, int, int, Tuple<int>> Echo(
        Tuple<int, int, int, int, int, int, int, Tuple<int>> value)
        => value;

    public KeyValuePair<string, int> Echo(KeyValuePair<string, int> value) => value;
}
