namespace Multiprocess.Generator.Baselines;

/// <summary>Compares where two lines of a baseline allow null.</summary>
/// <remarks>
/// Allowing null and forbidding it are both breaks: either version may send, and the version whose contract does not
/// allow null refuses it.
/// </remarks>
internal static class Nullability
{
    private const char Mark = '?';

    /// <summary>Whether two lines of one member differ only in nullability and perhaps in the default.</summary>
    public static bool IsAllThatDiffers(string? before, string? now)
        => before is not null && now is not null
            && Block.Bare(before) != Block.Bare(now)
            && Without(before) == Without(now);

    /// <summary>The line without nullability marks and default.</summary>
    public static string Without(string line) => Block.Bare(line).Replace(Mark.ToString(), "");

    /// <summary>Which side refuses the other's null.</summary>
    public static string Consequence(string before, string now)
    {
        var marked = Marks(before);
        var marks = Marks(now);
        string?[] consequences =
        [
            marks.IsSubsetOf(marked)
                ? null
                : "peers of the earlier version refuse the null that may now be sent to them",
            marked.IsSubsetOf(marks) ? null : "the null that peers of the earlier version may send is refused",
        ];
        return string.Join(", and ", consequences.OfType<string>());
    }

    /// <summary>The positions of the marks, counted without the marks themselves.</summary>
    private static HashSet<int> Marks(string line)
    {
        var places = new HashSet<int>();
        int place = 0;
        foreach (char c in line)
        {
            if (c == Mark)
            {
                places.Add(place);
            }
            else
            {
                place++;
            }
        }

        return places;
    }
}
