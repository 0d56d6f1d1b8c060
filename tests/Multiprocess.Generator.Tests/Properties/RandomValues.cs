using System.Collections;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace Multiprocess.Generator.Tests.Properties;

/// <summary>Makes values of any type that crosses, for FsCheck.</summary>
internal static class RandomValues
{
    private const int Deepest = 6;

    private static readonly Dictionary<Type, Gen<object?>> s_leaves = new()
    {
        [typeof(bool)] = Known<bool>(),
        [typeof(byte)] = Known<byte>(),
        [typeof(sbyte)] = Known<sbyte>(),
        [typeof(short)] = Known<short>(),
        [typeof(ushort)] = Known<ushort>(),
        [typeof(int)] = Integer(bits => (int)bits),
        [typeof(uint)] = Integer(bits => (uint)bits),
        [typeof(long)] = Integer(bits => (long)bits),
        [typeof(ulong)] = Integer(bits => (ulong)bits),
        [typeof(nint)] = Integer(bits => (nint)bits),
        [typeof(nuint)] = Integer(bits => (nuint)bits),
        [typeof(Int128)] = Integer(bits => (Int128)bits),
        [typeof(UInt128)] = Integer(bits => bits),
        [typeof(char)] = Known<char>(),
        [typeof(float)] = Known<float>(),
        [typeof(double)] = Known<double>(),
        [typeof(Half)] = Integer(
            bits => BitConverter.UInt16BitsToHalf((ushort)bits)).Where(half => !Half.IsNaN((Half)half!)),
        [typeof(decimal)] = Known<decimal>(),
        [typeof(BigInteger)] = Integer(bits => (BigInteger)bits * (BigInteger)(Int128)bits),
        [typeof(Complex)] = Integer(bits => new Complex((double)(ulong)bits, -1)),
        [typeof(Guid)] = Known<Guid>(),
        [typeof(DateTime)] = Integer(
            bits => new DateTime((long)(bits % (ulong)DateTime.MaxValue.Ticks), (DateTimeKind)(int)(bits % 2))),
        [typeof(DateTimeOffset)] = Integer(
            bits => new DateTimeOffset(
                (long)(bits % (ulong)(DateTime.MaxValue.Ticks / 2)) + TimeSpan.TicksPerDay,
                TimeSpan.FromMinutes((int)(bits % 800)))),
        [typeof(DateOnly)] = Integer(bits => DateOnly.FromDayNumber((int)(bits % (ulong)DateOnly.MaxValue.DayNumber))),
        [typeof(TimeOnly)] = Integer(bits => new TimeOnly((long)(bits % (ulong)TimeOnly.MaxValue.Ticks))),
        [typeof(TimeSpan)] = Integer(bits => new TimeSpan((long)bits)),
        [typeof(Rune)] = Integer(bits => new Rune((int)(bits % 0xD800))),
        [typeof(Index)] = Integer(bits => new Index((int)(bits % int.MaxValue), bits % 2 == 0)),
        [typeof(Range)] = Integer(bits => new Range((int)(bits % 1000), ^(int)(bits % 7))),
        [typeof(string)] = Text,
        [typeof(Uri)] = Integer(bits => new Uri("https://example.org/" + bits)),
        [typeof(Version)] = Integer(bits => new Version((int)(bits % 100), (int)(bits % int.MaxValue), 3)),
        [typeof(IPAddress)] = Integer(
            bits => bits % 2 == 0 ? new IPAddress(
                (long)(bits % uint.MaxValue)) : new IPAddress(BitConverter.GetBytes(bits))),
        [typeof(IPEndPoint)] = Integer(bits => new IPEndPoint((long)(bits % uint.MaxValue), (int)(bits % 65536))),
        [typeof(IPNetwork)] = Integer(bits => new IPNetwork(new IPAddress((long)(bits % uint.MaxValue)), 32)),
        [typeof(BitArray)] = Bytes.Select(bytes => (object?)new BitArray((byte[])bytes!)),
        [typeof(byte[])] = Bytes,
        [typeof(ReadOnlyMemory<byte>)] = Bytes.Select(bytes => (object?)new ReadOnlyMemory<byte>((byte[])bytes!)),
        [typeof(JsonNode)] = Integer(bits => JsonNode.Parse("{\"a\":[" + bits + ",null,\"x\"]}")!),
    };

    private static Gen<object?> Text
        => ArbMap.Default.GeneratorFor<string?>()
            .Select(
                text => (object?)new string(
                    [.. (text ?? "").Where(letter => !char.IsSurrogate(letter))]) + "ü\U0001F600")
            .Select(text => (object?)text!.ToString());

    private static Gen<object?> Bytes => ArbMap.Default.GeneratorFor<byte[]>().Select(bytes => (object?)bytes);

    /// <summary>Values of a type; of one that may be null, seldom null.</summary>
    public static Gen<object?> Of(Type type, bool mayBeNull = false) => Of(type, mayBeNull, depth: 0);

    private static Gen<object?> Known<T>() => ArbMap.Default.GeneratorFor<T>().Select(value => (object?)value);

    /// <summary>
    /// 128 random bits, of which often only few are used: small numbers matter as much as large ones.
    /// </summary>
    private static Gen<object?> Integer<T>(Func<UInt128, T> make)
        => from high in ArbMap.Default.GeneratorFor<ulong>()
           from low in ArbMap.Default.GeneratorFor<ulong>()
           from spread in Gen.Choose(0, 127)
           select (object?)make(unchecked((new UInt128(high, low) * 0x9E3779B97F4A7C15) >> spread));

    private static Gen<object?> Of(Type type, bool mayBeNull, int depth)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Of(underlying, mayBeNull: true, depth);
        }

        if (mayBeNull)
        {
            return depth > Deepest
                ? Gen.Constant<object?>(null)
                : Gen.Frequency((1, Gen.Constant<object?>(null)), (4, Of(type, mayBeNull: false, depth)));
        }

        return s_leaves.TryGetValue(type, out var leaf) ? leaf
            : type.IsEnum ? Gen.Elements(Enum.GetValues(type).Cast<object?>().ToArray())
            : type.IsArray ? Grid(type, depth)
            : type.IsAssignableTo(typeof(ITuple)) ? Constructed(type, depth, fieldsMayBeNull: null)
            : type.IsGenericType
                && type.Namespace!.StartsWith("System", StringComparison.Ordinal) ? Collection(type, depth)
            : type.IsAbstract ? Case(type, depth)
            : Members(type, depth);
    }

    private static Gen<object?> Case(Type type, int depth)
        => from attribute in Gen.Elements(type.GetCustomAttributes<IpcUnionAttribute>().ToArray())
           from value in Of(attribute.Type, mayBeNull: false, depth + 1)
           select value;

    private static Gen<object?[]> Several(Type type, int depth)
        => from count in Gen.Choose(0, depth > 2 ? 1 : 4)
           from items in Gen.ListOf(Of(type, mayBeNull: false, depth + 1), count)
           select items.ToArray();

    private static Gen<object?> Grid(Type type, int depth)
        => from sizes in Gen.ListOf(Gen.Choose(0, 2), type.GetArrayRank())
           from items in Gen.ListOf(
               Of(type.GetElementType()!, mayBeNull: false, depth + 1), sizes.Aggregate(1, (a, b) => a * b))
           select (object?)Fill(Array.CreateInstance(type.GetElementType()!, [.. sizes]), items);

    private static Array Fill(Array array, IEnumerable<object?> items)
    {
        var rest = new Queue<object?>(items);
        int[] index = new int[array.Rank];
        for (int at = 0; at < array.Length; at++)
        {
            int left = at;
            for (int dimension = array.Rank - 1; dimension >= 0; dimension--)
            {
                index[dimension] = left % array.GetLength(dimension);
                left /= array.GetLength(dimension);
            }

            array.SetValue(rest.Dequeue(), index);
        }

        return array;
    }

    /// <summary>A collection of the framework, made of an array of its elements as any user would make it.</summary>
    private static Gen<object?> Collection(Type type, int depth)
    {
        var arguments = type.GetGenericArguments();
        if (type.Name == "KeyValuePair`2")
        {
            return Constructed(type, depth, fieldsMayBeNull: null);
        }

        var element = arguments.Length == 2 ? typeof(KeyValuePair<,>).MakeGenericType(arguments) : arguments[0];
        return Several(element, depth).Select(items => (object?)CollectionOf(type, element, items));
    }

    private static object CollectionOf(Type type, Type element, object?[] items)
    {
        if (element.Name == "KeyValuePair`2")
        {
            var key = element.GetProperty("Key")!;
            items = [.. items.DistinctBy(item => key.GetValue(item))];
        }

        Array array = Fill(Array.CreateInstance(element, items.Length), items);
        return typeof(RandomCollections)
            .GetMethod(type.Name[..type.Name.IndexOf('`')], BindingFlags.Static | BindingFlags.Public)!
            .MakeGenericMethod(type.GetGenericArguments())
            .Invoke(null, [array])!;
    }

    private static Gen<object?> Constructed(Type type, int depth, NullabilityInfoContext? fieldsMayBeNull)
    {
        var constructor = type
            .GetConstructors()
            .OrderByDescending(candidate => candidate.GetParameters().Length)
            .First();

        // Reflection calls a type parameter's place nullable, because its argument may be; what crosses there depends
        // on the argument.
        var mayBeNull = type.IsGenericType ? null : fieldsMayBeNull;
        return All(constructor.GetParameters().Select(parameter =>
                Of(parameter.ParameterType, mayBeNull?.Create(parameter).ReadState == NullabilityState.Nullable, depth
                    + 1)))
            .Select(values => (object?)constructor.Invoke(values));
    }

    /// <summary>A type of the contract: its longest constructor, and every member that can be set.</summary>
    private static Gen<object?> Members(Type type, int depth)
    {
        var nullability = new NullabilityInfoContext();
        var settable = type
            .GetProperties()
            .Where(
                property => property.SetMethod is not null && property.Name.StartsWith('M') | property.Name == "Extra")
            .ToArray();
        return from value in type.GetConstructors().Length == 0
            ? Gen.Constant<object?>(Activator.CreateInstance(type))
            : Constructed(type, depth, nullability)
               from set in All(
                   settable.Select(
                       property => Of(
                           property.PropertyType,
                           nullability.Create(property).ReadState == NullabilityState.Nullable,
                           depth + 1)))
               select Set(value, settable, set);
    }

    private static object? Set(object? value, PropertyInfo[] properties, object?[] values)
    {
        for (int i = 0; i < properties.Length; i++)
        {
            properties[i].SetValue(value, values[i]);
        }

        return value;
    }

    private static Gen<object?[]> All(IEnumerable<Gen<object?>> parts)
        => parts.Aggregate(
            Gen.Constant<object?[]>([]),
            (before, part) => from values in before from value in part select (object?[])[.. values, value]);
}
