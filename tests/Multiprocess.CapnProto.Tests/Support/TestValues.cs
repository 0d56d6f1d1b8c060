using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Multiprocess.CapnProto.Messages;

namespace Multiprocess.CapnProto.Tests.Support;

/// <summary>
/// Makes values of the types of a schema, writes and reads them. A struct is a dictionary of the fields that are set,
/// null pointers left out; a list is an array.
/// </summary>
internal sealed class TestValues(TestSchema schema)
{
    private static readonly SearchValues<byte> s_brackets = SearchValues.Create("()[]"u8);

    private static readonly DBNull s_nothing = DBNull.Value;

    public Dictionary<string, object> Make(TestStruct type, Random random, int depth = 3)
        => Make(type, [], random, depth);

    public void Write(CapnpPointerBuilder pointer, TestStruct type, Dictionary<string, object> value)
        => WriteFields(pointer.InitStruct(type.Size), type, [], value);

    public Dictionary<string, object> Read(CapnpPointerReader pointer, TestStruct type)
        => ReadFields(pointer.ReadStruct(), type, []);

    /// <summary>A value as text, for comparison.</summary>
    public static string Show(object value) => value switch
    {
        Dictionary<string, object> fields
            => $"({string.Join(", ", fields.Select(field => $"{field.Key} = {Show(field.Value)}"))})",
        byte[] data => Convert.ToHexString(data),
        object[] list => $"[{string.Join(", ", list.Select(Show))}]",
        string text => JsonSerializer.Serialize(text),
        float number => number.ToString("R", CultureInfo.InvariantCulture),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        DBNull => "void",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private Dictionary<string, object> Make(
        TestStruct type, IReadOnlyList<TestType> arguments, Random random, int depth)
    {
        var made = new Dictionary<string, object>();
        int member = type.DiscriminantCount == 0 ? 0 : random.Next(type.DiscriminantCount);
        foreach (TestField field in type.Fields)
        {
            if (field.IsInUnion && field.Discriminant != member)
            {
                continue;
            }

            object? value = field.Group is { } group
                ? Make(schema.Struct(group), arguments, random, depth)
                : MakeValue(Bind(field.Type!, arguments), random, depth, isNeeded: field.IsInUnion);
            if (value is not null)
            {
                made[field.Name] = value;
            }
        }

        return made;
    }

    private object? MakeValue(TestType type, Random random, int depth, bool isNeeded)
    {
        bool isPointer = type.Kind is TestKind.Text or TestKind.Data or TestKind.List or TestKind.Struct;
        // The compiler's text has no null for an element, nor for the member that a union has.
        if (isPointer && !isNeeded && (depth == 0 || random.Next(3) == 0))
        {
            return null;
        }

        ulong bits = random.Next(4) switch
        {
            0 => 0,
            1 => ulong.MaxValue,
            2 => (ulong)random.Next(300),
            _ => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
        };
        return type.Kind switch
        {
            TestKind.Void => s_nothing,
            TestKind.Bool => (bits & 1) != 0,
            TestKind.Int8 => (sbyte)bits,
            TestKind.Int16 => (short)bits,
            TestKind.Int32 => (int)bits,
            TestKind.Int64 => (long)bits,
            TestKind.UInt8 => (byte)bits,
            TestKind.UInt16 => (ushort)bits,
            TestKind.UInt32 => (uint)bits,
            TestKind.UInt64 => bits,
            TestKind.Float32 => MakeSingle(random),
            TestKind.Float64 => MakeDouble(random),
            TestKind.Text => MakeText(random),
            TestKind.Data => MakeData(random),
            TestKind.Enum => (ushort)random.Next(schema.Enumerants(type.Id)),
            TestKind.Struct => Make(schema.Struct(type.Id), type.Arguments, random, Math.Max(0, depth - 1)),
            TestKind.List => MakeList(type.Element!, random, depth - 1),
            _ => null,
        };
    }

    private object[] MakeList(TestType element, Random random, int depth)
    {
        // Lists in lists would end nowhere.
        int most = depth <= 0 ? 1 : element.Kind is TestKind.Struct or TestKind.List ? 3 : 12;
        var list = new object[random.Next(most)];
        for (int i = 0; i < list.Length; i++)
        {
            list[i] = MakeValue(element, random, depth, isNeeded: true)!;
        }

        return list;
    }

    private static float MakeSingle(Random random) => random.Next(6) switch
    {
        0 => 0,
        1 => float.NaN,
        2 => float.NegativeInfinity,
        3 => float.Epsilon,
        _ => random.Next(-100_000, 100_000) / 8f, // The compiler prints few digits.
    };

    private static double MakeDouble(Random random) => random.Next(6) switch
    {
        0 => 0,
        1 => double.NaN,
        2 => double.PositiveInfinity,
        3 => double.MaxValue,
        _ => random.NextDouble() - 0.5,
    };

    private static string MakeText(Random random)
    {
        string[] parts = ["", "a", "\n\t\"\\'", "ä€", "\U0001f600", "plain words", "\0", "\x01\x7f"];
        var text = new StringBuilder();
        for (int i = random.Next(4); i > 0; i--)
        {
            text.Append(parts[random.Next(parts.Length)]);
        }

        return text.ToString();
    }

    private static byte[] MakeData(Random random)
    {
        byte[] data = new byte[random.Next(40)];
        random.NextBytes(data);
        // The compiler finds the end of a text by counting brackets, also those in quotes.
        data.AsSpan().ReplaceAny(s_brackets, (byte)0);
        return data;
    }

    private static TestType Bind(TestType type, IReadOnlyList<TestType> arguments)
        => type.Parameter >= 0 && type.Parameter < arguments.Count ? arguments[type.Parameter] : type;

    private void WriteFields(
        CapnpStructBuilder builder,
        TestStruct type,
        IReadOnlyList<TestType> arguments,
        Dictionary<string, object> value)
    {
        foreach (TestField field in type.Fields)
        {
            if (!value.TryGetValue(field.Name, out object? set))
            {
                continue;
            }

            if (field.IsInUnion)
            {
                builder.WriteUInt16(type.DiscriminantOffset, field.Discriminant);
            }

            if (field.Group is { } group)
            {
                WriteFields(builder, schema.Struct(group), arguments, (Dictionary<string, object>)set);
            }
            else if (set is not DBNull)
            {
                WriteField(builder, field, Bind(field.Type!, arguments), set);
            }
        }
    }

    private void WriteField(CapnpStructBuilder builder, TestField field, TestType type, object value)
    {
        uint at = field.Offset;
        CapnpStructReader usual = field.Default;
        switch (value)
        {
            case bool set: builder.WriteBool(at, set, usual.ReadBool(16)); break;
            case sbyte set: builder.WriteSByte(at, set, usual.ReadSByte(2)); break;
            case short set: builder.WriteInt16(at, set, usual.ReadInt16(1)); break;
            case int set: builder.WriteInt32(at, set, usual.ReadInt32(1)); break;
            case long set: builder.WriteInt64(at, set, usual.ReadInt64(1)); break;
            case byte set: builder.WriteByte(at, set, usual.ReadByte(2)); break;
            case ushort set: builder.WriteUInt16(at, set, usual.ReadUInt16(1)); break;
            case uint set: builder.WriteUInt32(at, set, usual.ReadUInt32(1)); break;
            case ulong set: builder.WriteUInt64(at, set, usual.ReadUInt64(1)); break;
            case float set: builder.WriteSingle(at, set, usual.ReadSingle(1)); break;
            case double set: builder.WriteDouble(at, set, usual.ReadDouble(1)); break;
            default: WritePointer(builder.Pointer(at), type, value); break;
        }
    }

    private void WritePointer(CapnpPointerBuilder pointer, TestType type, object value)
    {
        switch (value)
        {
            case string text:
                pointer.WriteText(text);
                break;
            case byte[] data:
                pointer.WriteData(data);
                break;
            case Dictionary<string, object> fields:
                TestStruct of = schema.Struct(type.Id);
                WriteFields(pointer.InitStruct(of.Size), of, type.Arguments, fields);
                break;
            case object[] list:
                WriteList(pointer, type.Element!, list);
                break;
        }
    }

    private void WriteList(CapnpPointerBuilder pointer, TestType element, object[] list)
    {
        if (element.Kind == TestKind.Struct)
        {
            TestStruct of = schema.Struct(element.Id);
            CapnpListBuilder structs = pointer.InitStructList(of.Size, list.Length);
            for (int i = 0; i < list.Length; i++)
            {
                WriteFields(structs.Struct(i), of, element.Arguments, (Dictionary<string, object>)list[i]);
            }

            return;
        }

        CapnpListBuilder builder = pointer.InitList(SizeOf(element.Kind), list.Length);
        for (int i = 0; i < list.Length; i++)
        {
            switch (list[i])
            {
                case DBNull: break;
                case bool set: builder.WriteBool(i, set); break;
                case sbyte set: builder.WriteSByte(i, set); break;
                case short set: builder.WriteInt16(i, set); break;
                case int set: builder.WriteInt32(i, set); break;
                case long set: builder.WriteInt64(i, set); break;
                case byte set: builder.WriteByte(i, set); break;
                case ushort set: builder.WriteUInt16(i, set); break;
                case uint set: builder.WriteUInt32(i, set); break;
                case ulong set: builder.WriteUInt64(i, set); break;
                case float set: builder.WriteSingle(i, set); break;
                case double set: builder.WriteDouble(i, set); break;
                default: WritePointer(builder.PointerAt(i), element, list[i]); break;
            }
        }
    }

    private Dictionary<string, object> ReadFields(
        CapnpStructReader reader, TestStruct type, IReadOnlyList<TestType> arguments)
    {
        var read = new Dictionary<string, object>();
        ushort member = type.DiscriminantCount == 0 ? (ushort)0 : reader.ReadUInt16(type.DiscriminantOffset);
        foreach (TestField field in type.Fields)
        {
            if (field.IsInUnion && field.Discriminant != member)
            {
                continue;
            }

            object? value = field.Group is { } group
                ? ReadFields(reader, schema.Struct(group), arguments)
                : ReadField(reader, field, Bind(field.Type!, arguments));
            if (value is not null || field.IsInUnion)
            {
                read[field.Name] = value ?? s_nothing;
            }
        }

        return read;
    }

    private object? ReadField(CapnpStructReader reader, TestField field, TestType type)
    {
        uint at = field.Offset;
        CapnpStructReader usual = field.Default;
        return type.Kind switch
        {
            TestKind.Void => s_nothing,
            TestKind.Bool => reader.ReadBool(at, usual.ReadBool(16)),
            TestKind.Int8 => reader.ReadSByte(at, usual.ReadSByte(2)),
            TestKind.Int16 => reader.ReadInt16(at, usual.ReadInt16(1)),
            TestKind.Int32 => reader.ReadInt32(at, usual.ReadInt32(1)),
            TestKind.Int64 => reader.ReadInt64(at, usual.ReadInt64(1)),
            TestKind.UInt8 => reader.ReadByte(at, usual.ReadByte(2)),
            TestKind.UInt16 or TestKind.Enum => reader.ReadUInt16(at, usual.ReadUInt16(1)),
            TestKind.UInt32 => reader.ReadUInt32(at, usual.ReadUInt32(1)),
            TestKind.UInt64 => reader.ReadUInt64(at, usual.ReadUInt64(1)),
            TestKind.Float32 => reader.ReadSingle(at, usual.ReadSingle(1)),
            TestKind.Float64 => reader.ReadDouble(at, usual.ReadDouble(1)),
            _ => ReadPointer(reader.Pointer(at), type),
        };
    }

    private object? ReadPointer(CapnpPointerReader pointer, TestType type) => pointer.IsNull ? null : type.Kind switch
    {
        TestKind.Text => pointer.ReadText()!,
        TestKind.Data => pointer.ReadData().ToArray(),
        TestKind.Struct => ReadFields(pointer.ReadStruct(), schema.Struct(type.Id), type.Arguments),
        TestKind.List => ReadList(pointer.ReadList(SizeOf(type.Element!.Kind)), type.Element),
        _ => null,
    };

    private object[] ReadList(CapnpListReader list, TestType element)
    {
        var read = new object[list.Count];
        for (int i = 0; i < read.Length; i++)
        {
            read[i] = element.Kind switch
            {
                TestKind.Void => s_nothing,
                TestKind.Bool => list.ReadBool(i),
                TestKind.Int8 => list.ReadSByte(i),
                TestKind.Int16 => list.ReadInt16(i),
                TestKind.Int32 => list.ReadInt32(i),
                TestKind.Int64 => list.ReadInt64(i),
                TestKind.UInt8 => list.ReadByte(i),
                TestKind.UInt16 or TestKind.Enum => list.ReadUInt16(i),
                TestKind.UInt32 => list.ReadUInt32(i),
                TestKind.UInt64 => list.ReadUInt64(i),
                TestKind.Float32 => list.ReadSingle(i),
                TestKind.Float64 => list.ReadDouble(i),
                TestKind.Struct => ReadFields(list.Struct(i), schema.Struct(element.Id), element.Arguments),
                _ => ReadPointer(list.PointerAt(i), element)!,
            };
        }

        return read;
    }

    private static CapnpElementSize SizeOf(TestKind kind) => kind switch
    {
        TestKind.Void => CapnpElementSize.Void,
        TestKind.Bool => CapnpElementSize.Bit,
        TestKind.Int8 or TestKind.UInt8 => CapnpElementSize.Byte,
        TestKind.Int16 or TestKind.UInt16 or TestKind.Enum => CapnpElementSize.TwoBytes,
        TestKind.Int32 or TestKind.UInt32 or TestKind.Float32 => CapnpElementSize.FourBytes,
        TestKind.Int64 or TestKind.UInt64 or TestKind.Float64 => CapnpElementSize.EightBytes,
        TestKind.Struct => CapnpElementSize.Composite,
        _ => CapnpElementSize.Pointer,
    };
}
