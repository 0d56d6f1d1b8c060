using System.Globalization;
using Multiprocess.Tool.Contracts;

namespace Multiprocess.Tool.Values;

/// <summary>Values of enums by name, and names by value.</summary>
internal static class EnumNames
{
    /// <summary>The name of a value, or the names of its flags with commas between, or the number.</summary>
    public static string Spell(Shape shape, long value) => Split(shape, value) is { Count: > 0 } names
        ? string.Join(", ", names)
        : TypeFamilies.IsUnsigned(shape.Underlying!.Name)
        ? ((ulong)value).ToString(CultureInfo.InvariantCulture)
        : value.ToString(CultureInfo.InvariantCulture);

    /// <summary>The name of a value, or the names of its flags; empty if the value has no name.</summary>
    public static IReadOnlyList<string> Split(Shape shape, long value)
    {
        if (shape.Members.FirstOrDefault(member => member.Key == value) is { } exact)
        {
            return [exact.Name];
        }

        List<string> names = [];
        long rest = shape.IsFlags ? value : 0;
        foreach (ShapeMember member in shape.Members.Where(member => member.Key != 0).OrderByDescending(
            member => (ulong)member.Key))
        {
            if (rest != 0 && (rest & member.Key) == member.Key)
            {
                names.Insert(0, member.Name);
                rest &= ~member.Key;
            }
        }

        return rest == 0 ? names : [];
    }

    /// <summary>The value of a name, of names separated by commas, or of a number.</summary>
    /// <exception cref="InputException">The enum has no such value.</exception>
    public static long Parse(Shape shape, string text)
    {
        long value = 0;
        foreach (string name in text.Split(',', StringSplitOptions.TrimEntries))
        {
            ShapeMember? member = shape.Members.FirstOrDefault(member => member.Name == name)
                ?? shape.Members.FirstOrDefault(
                    member => string.Equals(member.Name, name, StringComparison.OrdinalIgnoreCase));
            value |= member?.Key ?? Number(shape, name);
        }

        return value;
    }

    private static long Number(Shape shape, string text)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
        {
            return number;
        }

        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong large)
            ? (long)large
            : throw new InputException(
                $"{shape.Name}: Expected {string.Join(", ", shape.Members.Select(member => member.Name))}, got '{text}'.");
    }
}
