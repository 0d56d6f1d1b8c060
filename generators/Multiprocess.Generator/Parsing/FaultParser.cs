using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>Makes the codec of an exception type that crosses whole.</summary>
internal sealed class FaultParser(FileScope scope, TypeResolver types)
{
    /// <summary>What a constructor gets for parameters that are no member's, by their type.</summary>
    private static readonly Dictionary<string, string> s_supplied = new()
    {
        ["System.String"] = "message",
        ["System.Exception"] = "innerException!", // Most have none, whatever the parameter's type says.
    };

    /// <summary>The framework's exceptions that have nothing beside message and inner exception, or nothing that crosses.</summary>
    private static readonly HashSet<string> s_bases =
    [
        "System.Exception",
        "System.SystemException",
        "System.ApplicationException",
        "System.InvalidOperationException",
        "System.NotSupportedException",
        "System.NotImplementedException",
        "System.FormatException",
        "System.ArithmeticException",
        "System.OverflowException",
        "System.InvalidCastException",
        "System.IndexOutOfRangeException",
        "System.TimeoutException",
        "System.UnauthorizedAccessException",
        "System.OperationCanceledException",
        "System.Collections.Generic.KeyNotFoundException",
        "System.IO.IOException",
        "System.IO.InvalidDataException",
        "System.IO.EndOfStreamException",
        "System.IO.DirectoryNotFoundException",
    ];

    /// <summary>The codec, or null when the type was refused.</summary>
    public FaultModel? Parse(INamedTypeSymbol type)
    {
        var name = Site.NameOf(type, Location.None);
        if (!ContractShape.Check(type, name, scope))
        {
            return null;
        }

        string? problem = !DerivesFromException(type) ? "it is no exception"
            : type.IsAbstract ? "it is abstract; mark the classes that are thrown"
            : null;
        if (problem is not null)
        {
            scope.Refusals.Add(Rules.Fault, name, type.Name, problem);
            return null;
        }

        var site = new Site(name, "'" + type.Name + "'");
        if (ValueMembers.Find(type, s_bases, scope, site) is not { } value)
        {
            return null;
        }

        value.Members.RemoveAll(StaysBehind);
        value.Stored.RemoveAll(StaysBehind);
        string codecName = scope.Names.TakeFaultCodec(type);
        var construction = ChooseWithMessage(type, value, site);
        return construction is not null
            && new ValueParser(scope, types).Build(type, codecName, ValueLayout.Members, construction, site) is { } codec
            ? new FaultModel(codec, codecName, TypeNames.Wire(type))
            : null;
    }

    /// <summary>Whether a member is one that the framework's exceptions have, and make of what they hold themselves.</summary>
    private static bool OverridesBase(ISymbol member)
    {
        var current = member as IPropertySymbol;
        while (current?.OverriddenProperty is { } overridden)
        {
            current = overridden;
        }

        return current is { } first && WellKnownTypes.IsFramework(first.ContainingType);
    }

    /// <summary>Whether a member is a secret, or one that crosses with every exception.</summary>
    private static bool StaysBehind(ISymbol member)
        => member.GetAttributes().Any(WellKnownTypes.IsSensitive) || member.Name is "Message" or "InnerException" || OverridesBase(member);

    private static bool DerivesFromException(INamedTypeSymbol type)
    {
        for (var current = type.BaseType; current is not null; current = current.BaseType)
        {
            if (WellKnownTypes.FullName(current) == "System.Exception")
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The constructor that takes most, so that message and inner exception are not lost where one takes them.</summary>
    private Construction? ChooseWithMessage(INamedTypeSymbol type, ValueState value, Site site)
        => new ConstructionParser(scope).Choose(type, value, site, s_supplied, longestFirst: true);
}
