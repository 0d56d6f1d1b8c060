using Microsoft.CodeAnalysis;
using Multiprocess.Generator.CapnProto;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>The fields of one struct: collects them with their ordinals, then lays them out.</summary>
/// <remarks>The fields of its groups and of its union count as well, each in the space of its group or case.</remarks>
internal sealed class CapnpFields(CapnpScope scope)
{
    private readonly StructLayout _layout = new();
    private readonly List<Entry> _entries = [];

    /// <summary>The space of fields that are in no union.</summary>
    public FieldSpace Root => _layout;

    /// <summary>Adds a field, after the fields that were added before unless an ordinal says otherwise.</summary>
    /// <param name="name">Its C# name.</param>
    /// <param name="type">Its type.</param>
    /// <param name="site">Where it is declared.</param>
    /// <param name="ordinal">Its ordinal; null for the next free one.</param>
    /// <param name="default">Its default value as C# writes it.</param>
    /// <param name="has">The ordinal of the Bool that says whether it is there; -1 for none.</param>
    /// <param name="space">Where it is placed; null for <see cref="Root"/>.</param>
    public Entry Add(
        string name,
        CapnpType type,
        Site site,
        int? ordinal,
        string @default = "",
        int has = -1,
        FieldSpace? space = null)
    {
        space ??= _layout;
        Entry entry = type.Form == CapnpForm.Void
            ? AddVoid(name, site, ordinal, space)
            : Add(new(name, site, () => SizeOf(type) is { } bits ? space.AddData(bits) : space.AddPointer()), ordinal);
        entry.Type = type;
        entry.Default = @default;
        entry.Has = has < 0 ? null : Add(new("has:" + name, site, () => space.AddData(0)), has);
        return entry;
    }

    /// <summary>Adds a pointer that C# does not declare.</summary>
    public void AddPointer(string name, Site site, int? ordinal) => Add(new(name, site, _layout.AddPointer), ordinal);

    /// <summary>Adds a Bool that C# does not declare.</summary>
    public void AddBool(string name, Site site, int ordinal)
        => Add(new(name, site, () => _layout.AddData(0)), ordinal);

    /// <summary>Adds a field without a value: a case of a union that says everything by being there.</summary>
    public Entry AddVoid(string name, Site site, int? ordinal, FieldSpace space)
        => Add(new(name, site, () => Nothing(space.AddVoid)), ordinal);

    /// <summary>Adds a union's tag that has an ordinal of its own.</summary>
    public Entry AddTag(string name, Site site, int ordinal, UnionLayout union)
        => Add(new(name, site, () => Nothing(union.AddDiscriminant)), ordinal);

    /// <summary>
    /// Lays the fields out. Returns null, and reports why, if their ordinals are not those of a struct.
    /// </summary>
    public Laid? Lay()
    {
        var all = new Entry?[_entries.Count];
        foreach (Entry entry in _entries.Where(entry => entry.Ordinal is not null))
        {
            int ordinal = entry.Ordinal!.Value;
            if (ordinal < 0 || ordinal >= all.Length)
            {
                scope.RefuseOrdinal(
                    entry.Site, $"Expected an ordinal from 0 to {all.Length - 1}, without gaps, got {ordinal}");
                return null;
            }

            if (all[ordinal] is { } other)
            {
                scope.RefuseOrdinal(
                    entry.Site, $"Expected an ordinal of its own, got {ordinal}, which '{other.Label}' has");
                return null;
            }

            all[ordinal] = entry;
        }

        int next = 0;
        foreach (Entry entry in _entries.Where(entry => entry.Ordinal is null))
        {
            while (all[next] is not null)
            {
                next++;
            }

            all[next] = entry;
            entry.Ordinal = next;
        }

        var offsets = new Dictionary<string, int>();
        foreach (Entry? entry in all)
        {
            entry!.Lay();
            offsets[entry.Name] = entry.Offset;
        }

        return new(
            new CapnpSize(_layout.DataWords, _layout.PointerCount),
            _entries.Where(entry => entry.Type is not null).Select(FieldOf).ToEquatableArray(),
            offsets);
    }

    /// <summary>A field that was laid out.</summary>
    public static CapnpField FieldOf(Entry entry) => new(
        entry.Name, entry.Type!, entry.Offset, entry.Default, entry.Has?.Offset ?? -1, "ipc" + LocalOf(entry.Name));

    private static string LocalOf(string name)
        => name.Length == 0
            ? "Value"
            : char.ToUpperInvariant(name.TrimStart('@')[0]) + name.TrimStart('@').Substring(1);

    private static int Nothing(Action place)
    {
        place();
        return 0;
    }

    private Entry Add(Entry entry, int? ordinal)
    {
        entry.Ordinal = ordinal;
        _entries.Add(entry);
        return entry;
    }

    /// <summary>The size of a number, as a power of two in bits; null for a pointer.</summary>
    public static int? SizeOf(CapnpType type) => type.Form != CapnpForm.Number ? null : type.Wire switch
    {
        "Bool" => 0,
        "SByte" or "Byte" => 3,
        "Int16" or "UInt16" => 4,
        "Int32" or "UInt32" or "Single" => 5,
        _ => 6,
    };

    /// <summary>The fields with their places.</summary>
    internal sealed record Laid(CapnpSize Size, EquatableArray<CapnpField> Fields, Dictionary<string, int> Offsets);

    /// <summary>A field before and after the layout.</summary>
    internal sealed class Entry(string name, Site site, Func<int> place)
    {
        public string Name => name;

        public Site Site => site;

        /// <summary>Its type; null for a field that C# does not declare.</summary>
        public CapnpType? Type { get; set; }

        public string Default { get; set; } = "";

        /// <summary>The Bool that says whether it is there.</summary>
        public Entry? Has { get; set; }

        /// <summary>Its ordinal; before the layout, null for the next free one.</summary>
        public int? Ordinal { get; set; }

        /// <summary>Its place, after the layout.</summary>
        public int Offset { get; private set; }

        public string Label => name.Length == 0 ? "the result" : name;

        public void Lay() => Offset = place();
    }
}
