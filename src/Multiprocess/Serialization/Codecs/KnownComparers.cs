namespace Multiprocess.Serialization.Codecs;

/// <summary>The comparers that cross with a collection of strings.</summary>
/// <remarks>
/// On the wire a comparer is an integer: 0 is the type's default (never written), 1 OrdinalIgnoreCase, 2
/// InvariantCulture, 3 InvariantCultureIgnoreCase, 4 Ordinal (only for sorted collections: for equality it is the
/// default). A collection with the default comparer crosses as a plain array or map. Another set crosses as {id:
/// array}, a map of one entry; another dictionary as [id, map]. The first byte tells which form it is.
/// </remarks>
internal static class KnownComparers
{
    private const int Ordinal = 4;

    private static readonly StringComparer?[] s_comparers =
    [
        null,
        StringComparer.OrdinalIgnoreCase,
        StringComparer.InvariantCulture,
        StringComparer.InvariantCultureIgnoreCase,
        StringComparer.Ordinal,
    ];

    public static int IdOf<T>(IEqualityComparer<T>? comparer)
    {
        if (comparer is null
            || ReferenceEquals(comparer, EqualityComparer<T>.Default)
            || comparer.Equals(EqualityComparer<T>.Default))
        {
            return 0;
        }

        int id = StringId<T>(comparer);
        return id == Ordinal ? 0 : id;
    }

    public static int IdOf<T>(IComparer<T>? comparer)
        => comparer is null || ReferenceEquals(comparer, Comparer<T>.Default) || comparer.Equals(Comparer<T>.Default)
            ? 0
            : StringId<T>(comparer);

    public static IEqualityComparer<T>? Equality<T>(int id) => (IEqualityComparer<T>?)Find<T>(id);

    public static IComparer<T>? Order<T>(int id) => (IComparer<T>?)Find<T>(id);

    public static void WriteSetId(ref MessagePackWriter writer, int id)
    {
        if (id != 0)
        {
            writer.WriteMapHeader(1);
            writer.Write(id);
        }
    }

    public static int ReadSetId(ref MessagePackReader reader)
    {
        if (reader.PeekStrictType() != MessagePackType.Map)
        {
            return 0;
        }

        int count = reader.ReadStrictMapHeader();
        if (count != 1)
        {
            MessagePackErrors.ThrowMalformed("set", $"a map of {count} entries instead of one comparer and its array");
        }

        return reader.ReadStrictInt32();
    }

    public static void WriteMapId(ref MessagePackWriter writer, int id)
    {
        if (id != 0)
        {
            writer.WriteArrayHeader(2);
            writer.Write(id);
        }
    }

    public static int ReadMapId(ref MessagePackReader reader)
    {
        if (reader.PeekStrictType() != MessagePackType.Array)
        {
            return 0;
        }

        Elements.ReadFixedHeader(ref reader, "a comparer and its map", 2);
        return reader.ReadStrictInt32();
    }

    private static int StringId<T>(object comparer)
    {
        if (typeof(T) == typeof(string))
        {
            for (int id = 1; id < s_comparers.Length; id++)
            {
                if (comparer.Equals(s_comparers[id]))
                {
                    return id;
                }
            }
        }

        throw new IpcException(
            IpcErrorKind.ArgumentNotEncoded,
            $"A collection with the comparer {comparer.GetType()} cannot be encoded: only the default comparer and, for strings, the ordinal and invariant ones cross.");
    }

    private static object? Find<T>(int id)
    {
        if (id == 0)
        {
            return null;
        }

        if (typeof(T) != typeof(string) || (uint)id >= (uint)s_comparers.Length)
        {
            MessagePackErrors.ThrowMalformed("comparer", $"{id} for keys of type {typeof(T)}");
        }

        return s_comparers[id];
    }
}
