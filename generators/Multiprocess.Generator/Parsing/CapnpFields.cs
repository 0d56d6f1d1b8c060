using Microsoft.CodeAnalysis;
using Multiprocess.Generator.CapnProto;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>The fields of one struct: collects them with their ordinals, then lays them out.</summary>
internal sealed class CapnpFields(CapnpScope scope)
{
    private readonly List<Entry> _entries = [];

    /// <summary>Adds a field, after the fields that were added before unless an ordinal says otherwise.</summary>
    /// <param name="name">Its C# name.</param>
    /// <param name="type">Its type.</param>
    /// <param name="site">Where it is declared.</param>
    /// <param name="ordinal">Its ordinal; null for the next free one.</param>
    /// <param name="default">Its default value as C# writes it.</param>
    /// <param name="has">The ordinal of the Bool that says whether it is there; -1 for none.</param>
    public void Add(string name, CapnpType type, Site site, int? ordinal, string @default = "", int has = -1)
    {
        _entries.Add(new(name, type, SizeOf(type), ordinal, @default, site));
        if (has >= 0)
        {
            _entries.Add(new("has:" + name, null, 0, has, "", site));
        }
    }

    /// <summary>Adds a pointer that C# does not declare.</summary>
    public void AddPointer(string name, Site site, int? ordinal)
        => _entries.Add(new(name, null, null, ordinal, "", site));

    /// <summary>Adds a Bool that C# does not declare.</summary>
    public void AddBool(string name, Site site, int ordinal) => _entries.Add(new(name, null, 0, ordinal, "", site));

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
        }

        var layout = new StructLayout();
        var offsets = new Dictionary<string, int>();
        foreach (Entry? entry in all)
        {
            offsets[entry!.Name] = entry.Bits is { } size ? layout.AddData(size) : layout.AddPointer();
        }

        var fields = _entries.Where(entry => entry.Type is not null).Select(entry => new CapnpField(
            entry.Name,
            entry.Type!,
            offsets[entry.Name],
            entry.Default,
            offsets.TryGetValue("has:" + entry.Name, out int has) ? has : -1,
            "ipc" + LocalOf(entry.Name)));
        return new(new CapnpSize(layout.DataWords, layout.PointerCount), fields.ToEquatableArray(), offsets);
    }

    private static string LocalOf(string name)
        => name.Length == 0
            ? "Value"
            : char.ToUpperInvariant(name.TrimStart('@')[0]) + name.TrimStart('@').Substring(1);

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

    private sealed record Entry(string Name, CapnpType? Type, int? Bits, int? Ordinal, string Default, Site Site)
    {
        public string Label => Name.Length == 0 ? "the result" : Name;
    }
}
