using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>Creates the codec of an exception type that crosses with its members.</summary>
internal sealed class FaultParser(FileScope scope, TypeResolver types)
{
    /// <summary>The arguments for constructor parameters that belong to no member, by their type.</summary>
    private static readonly Dictionary<string, string> s_supplied = new()
    {
        ["System.String"] = "message",
        ["System.Exception"] = "innerException!", // Most exceptions have none, whatever the parameter's nullability.
    };

    /// <summary>
    /// The framework's exceptions that have only a message and an inner exception, or nothing else that crosses.
    /// </summary>
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

    /// <summary>The codec; null if the type was refused.</summary>
    public FaultModel? Parse(INamedTypeSymbol type)
    {
        var name = Site.NameOf(type, Location.None);
        if (!ContractRules.Check(type, name, scope))
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
            && new ValueParser(scope, types)
                .Build(type, codecName, ValueLayout.Members, construction, site) is { } codec
            ? new FaultModel(codec, codecName, TypeNames.Wire(type))
            : null;
    }

    /// <summary>Whether a member overrides a member of the framework's exceptions.</summary>
    private static bool OverridesBase(ISymbol member)
    {
        var current = member as IPropertySymbol;
        while (current?.OverriddenProperty is { } overridden)
        {
            current = overridden;
        }

        return current is { } first && WellKnownTypes.IsFramework(first.ContainingType);
    }

    /// <summary>
    /// Whether a member does not cross as a member: it is a secret, or part of every exception anyway.
    /// </summary>
    private static bool StaysBehind(ISymbol member)
        => member.GetAttributes().Any(WellKnownTypes.IsSensitive)
            || member.Name is "Message" or "InnerException"
            || OverridesBase(member);

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

    /// <summary>
    /// Chooses the constructor with the most parameters, so that it restores message and inner exception if one can.
    /// </summary>
    private Construction? ChooseWithMessage(INamedTypeSymbol type, ValueState value, Site site)
        => new ConstructionParser(scope).Choose(type, value, site, s_supplied, longestFirst: true);
}
