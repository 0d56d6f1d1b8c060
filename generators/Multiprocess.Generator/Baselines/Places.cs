using System.Globalization;
using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Parsing;

namespace Multiprocess.Generator.Baselines;

/// <summary>Finds the token in the user's source for a difference from the baseline.</summary>
internal static class Places
{
    /// <summary>
    /// Returns the location of the changed member; of its type, if the member was removed or is declared elsewhere; of
    /// the contract, if the type is declared elsewhere too.
    /// </summary>
    public static Location Of(Difference difference, ISymbol root, FileScope scope, Location otherwise)
    {
        otherwise = Site.NameOf(root, otherwise);
        if (difference.Block.IsContract)
        {
            var member = difference.Line is { } line ? MethodOf(root, line, difference.Block) : null;
            return member is null ? otherwise : Site.NameOf(member.AssociatedSymbol ?? member, otherwise);
        }

        if (!scope.ShapeTypes.TryGetValue(difference.Block.Name, out var type))
        {
            return otherwise;
        }

        // A key can differ from the name of its member.
        var lines = scope.Shapes[difference.Block.Name].Members;
        var named = difference.Line is { } found
            ? MemberOf(
                type,
                lines.FirstOrDefault(member => member.BaselineLine == found)?.Name ?? difference.Block.NameOf(found))
            : null;
        return Site.NameOf(named ?? type, Site.NameOf(type, otherwise));
    }

    /// <summary>Finds the method of a line by its id, or by its signature if the id was given.</summary>
    private static IMethodSymbol? MethodOf(ISymbol root, string line, Block block)
    {
        if (root is not INamedTypeSymbol contract)
        {
            return null;
        }

        string signature = Nullability.Without(line.Substring(line.IndexOf(' ') + 1));
        var methods = new[] { contract }.Concat(contract.AllInterfaces)
            .SelectMany(type => type.GetMembers().OfType<IMethodSymbol>())
            .Where(method => Nullability.Without(WireIds.Signature(method)) == signature)
            .ToList();
        return methods.FirstOrDefault(
            method => WireIds.OfSignature(WireIds.Signature(method))
                .ToString("X8", CultureInfo.InvariantCulture) == block.KeyOf(line))
            ?? methods.FirstOrDefault();
    }

    private static ISymbol? MemberOf(ITypeSymbol type, string name)
    {
        for (ITypeSymbol? current = type; current is not null; current = current.BaseType)
        {
            if (current.GetMembers(name).FirstOrDefault() is { } member)
            {
                return member;
            }
        }

        return null;
    }
}
