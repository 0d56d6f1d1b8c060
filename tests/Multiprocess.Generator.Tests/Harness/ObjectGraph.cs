using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Multiprocess.Generator.Tests.Harness;

/// <summary>Walks everything that an object refers to.</summary>
internal static class ObjectGraph
{
    private static readonly Type[] s_forbidden =
    [
        typeof(ISymbol), typeof(SyntaxNode), typeof(SyntaxTree), typeof(SyntaxReference), typeof(Location),
        typeof(Compilation), typeof(SemanticModel), typeof(AttributeData), typeof(SourceText), typeof(Diagnostic)
    ];

    /// <summary>The way to the first object of the compiler's, or null when there is none.</summary>
    public static string? FirstCompilerObject(object? root)
        => Visit(root, root?.GetType().Name ?? "null", new HashSet<object>(ReferenceEqualityComparer.Instance));

    private static string? Visit(object? value, string path, HashSet<object> seen)
    {
        if (value is null || value is string || value.GetType().IsPrimitive || value.GetType().IsEnum)
        {
            return null;
        }

        if (s_forbidden.Any(type => type.IsInstanceOfType(value)))
        {
            return path;
        }

        if (!value.GetType().IsValueType && !seen.Add(value))
        {
            return null;
        }

        if (value is Array array)
        {
            return array
                .Cast<object?>()
                .Select((item, i) => Visit(item, $"{path}[{i}]", seen))
                .FirstOrDefault(found => found is not null);
        }

        for (var type = value.GetType(); type is not null; type = type.BaseType)
        {
            foreach (var field in type.GetFields(
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (Visit(field.GetValue(value), $"{path}.{field.Name}", seen) is { } found)
                {
                    return found;
                }
            }
        }

        return null;
    }
}
