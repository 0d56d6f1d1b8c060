using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Parsing;

namespace Multiprocess.Generator.Baselines;

/// <summary>Finds the token in the user's source that a difference from the baseline is about.</summary>
internal static class Places
{
    /// <summary>The changed member; where it is gone, or declared elsewhere, its type; where that is declared elsewhere, the contract.</summary>
    public static Location Of(Difference difference, ISymbol root, FileScope scope, Location otherwise)
    {
        otherwise = Site.NameOf(root, otherwise);
        if (difference.Block.IsContract)
        {
            var member = difference.Line is { } line ? MethodOf(root, line.Substring(line.IndexOf(' ') + 1)) : null;
            return member is null ? otherwise : Site.NameOf(member.AssociatedSymbol ?? member, otherwise);
        }

        if (!scope.ShapeTypes.TryGetValue(difference.Block.Name, out var type))
        {
            return otherwise;
        }

        var named = difference.Line is null ? null : MemberOf(type, difference.Block.NameOf(difference.Line));
        return Site.NameOf(named ?? type, Site.NameOf(type, otherwise));
    }

    private static IMethodSymbol? MethodOf(ISymbol root, string signature)
        => root is INamedTypeSymbol contract
            ? new[] { contract }.Concat(contract.AllInterfaces)
                .SelectMany(type => type.GetMembers().OfType<IMethodSymbol>())
                .FirstOrDefault(method => WireIds.Signature(method) == signature)
            : null;

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
