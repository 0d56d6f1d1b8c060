using System.Globalization;
using System.Text;

namespace Multiprocess.Versions;

/// <summary>
/// One side's signature of a method, with the types that the method transfers by value. PROTOCOL.md specifies the text.
/// </summary>
internal sealed class MethodShape
{
    private readonly string _text;
    private readonly Dictionary<string, TypeShape> _types = [];
    private readonly string? _hash;

    private MethodShape(string text)
    {
        _text = text;
        string[] lines = text.Split('\n');
        Signature = lines[0];
        TypeShape? current = null;
        foreach (string line in lines.Skip(1))
        {
            if (line.StartsWith("hash ", StringComparison.Ordinal))
            {
                _hash = line[5..];
            }
            else if (line.StartsWith(' '))
            {
                current?.Members.Add(line[1..]);
            }
            else if (TypeShape.TryParse(line) is { } type)
            {
                current = type;
                _types[type.Name] = type;
            }
        }
    }

    public string Signature { get; }

    private string Hash => _hash ?? Fnv1a(_text).ToString("X16", CultureInfo.InvariantCulture);

    /// <summary>Compares the callee's shape of a method with the caller's.</summary>
    /// <returns>
    /// Null when each side can read the other; otherwise a sentence that names the incompatible part.
    /// </returns>
    public static string? Compare(string callee, string caller)
    {
        if (callee == caller)
        {
            return null;
        }

        var mine = new MethodShape(callee);
        var theirs = new MethodShape(caller);
        if (mine.Signature != theirs.Signature)
        {
            return $"Expected the signature {mine.Signature}, got {theirs.Signature} from the caller.";
        }

        if (mine._hash is not null || theirs._hash is not null)
        {
            return mine.Hash == theirs.Hash ? null : "The types are too many to say which; update the older side.";
        }

        return mine._types.Values
            .Select(type => theirs._types.TryGetValue(type.Name, out TypeShape? other) ? Compare(type, other) : null)
            .FirstOrDefault(refusal => refusal is not null);
    }

    private static string? Compare(TypeShape callee, TypeShape caller)
    {
        if (callee.Kind != caller.Kind || callee.Suffix != caller.Suffix)
        {
            return $"Expected '{callee.Kind} {callee.Name}{callee.Suffix}', got '{caller.Kind} "
                + $"{caller.Name}{caller.Suffix}' from the caller.";
        }

        return (callee.IsSent ? ShapeRules.Differ(callee, caller, writerIsCaller: true) : null)
            ?? (callee.IsReturned ? ShapeRules.Differ(callee, caller, writerIsCaller: false) : null);
    }

    private static ulong Fnv1a(string text)
    {
        ulong hash = 14695981039346656037;
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            hash = unchecked((hash ^ b) * 1099511628211);
        }

        return hash;
    }
}
