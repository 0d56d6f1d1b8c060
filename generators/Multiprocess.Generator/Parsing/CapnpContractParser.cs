using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>Parses an interface or a delegate type marked <c>[CapnpInterface]</c>.</summary>
internal sealed class CapnpContractParser
{
    private readonly INamedTypeSymbol _type;
    private readonly CapnpScope _scope;
    private readonly CapnpMethodParser _methods;
    private readonly CancellationToken _cancellationToken;

    private CapnpContractParser(INamedTypeSymbol type, CancellationToken cancellationToken)
    {
        _type = type;
        _scope = new(type);
        _methods = new(_scope);
        _cancellationToken = cancellationToken;
    }

    public static CapnpFile Parse(INamedTypeSymbol type, CancellationToken cancellationToken)
        => Parse(type, out _, cancellationToken);

    /// <summary>The generator needs the model, the analyzer needs the refusals.</summary>
    public static CapnpFile Parse(INamedTypeSymbol type, out Refusals refusals, CancellationToken cancellationToken)
    {
        var parser = new CapnpContractParser(type, cancellationToken);
        refusals = parser._scope.Refusals;
        CapnpContract? contract = null;
        try
        {
            contract = parser.Parse();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            refusals.Add(
                Rules.Failure, Site.NameOf(type, Location.None), TypeNames.Display(type), Failure.Describe(exception));
        }

        return FileOf(type, contract, parser._scope);
    }

    /// <summary>The file of what was parsed.</summary>
    public static CapnpFile FileOf(INamedTypeSymbol type, CapnpContract? contract, CapnpScope scope)
    {
        bool isValid = scope.Refusals.All.Count == 0;
        return new(
            FileParser.HintName(type).Replace(".g.cs", ".capnp.g.cs"),
            type.ContainingNamespace.IsGlobalNamespace ? null : FileParser.Namespace(type.ContainingNamespace),
            TypeNames.Display(type),
            isValid ? contract : null,
            isValid ? scope.Structs.ToEquatableArray() : default,
            isValid ? scope.Lists.ToEquatableArray() : default,
            scope.Refusals.All.Select(FileParser.Error).ToEquatableArray())
        {
            Delegates = isValid ? scope.Delegates.ToEquatableArray() : default,
        };
    }

    /// <summary>The common part of the names of a contract's proxy and stub.</summary>
    public static string PrefixOf(INamedTypeSymbol type)
    {
        string prefix = TypeNames.Identifier(type.WithNullableAnnotation(NullableAnnotation.NotAnnotated));
        return type.TypeKind != TypeKind.Delegate && prefix.Length > 1 && prefix[0] == 'I' && char.IsUpper(prefix[1])
            ? prefix.Substring(1)
            : prefix;
    }

    private CapnpContract? Parse()
    {
        Site site = new(Site.NameOf(_type, Location.None), "'" + TypeNames.Display(_type) + "'");
        if (_type.IsGenericType || _type.ContainingType is { IsGenericType: true })
        {
            _scope.Refuse(site, "Expected an interface with one set of methods, got a generic type");
            return null;
        }

        if (!TypeNames.IsReachable(_type))
        {
            _scope.Refuse(
                site, "generated code cannot name the type; make it and the types around it internal or public");
            return null;
        }

        bool isDelegate = _type.TypeKind == TypeKind.Delegate;
        string prefix = PrefixOf(_type);
        _scope.Take(prefix + "Proxy");
        _scope.Take(prefix + "Stub");
        INamedTypeSymbol[] declarers = isDelegate ? [_type] : [_type, .. _type.AllInterfaces];
        var constructs = new List<CapnpSpecial>();
        var destroys = new List<CapnpSpecial>();
        var methods = new List<CapnpMethod>();
        bool isDisposable = false;
        bool isAsyncDisposable = false;
        foreach (var declarer in declarers)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            if (WellKnownTypes.IsDisposable(declarer))
            {
                isDisposable = true;
            }
            else if (WellKnownTypes.IsAsyncDisposable(declarer))
            {
                isAsyncDisposable = true;
            }
            else if (declarer.FindAttribute(CapnpAttributes.Interface) is { } attribute)
            {
                AddSpecials(declarer, attribute, constructs, destroys);
                AddMethods(declarer, attribute, site, methods);
            }
            else if (declarer.GetMembers().Any(member => member.IsAbstract))
            {
                _scope.Refuse(
                    site, $"Expected bases with an interface's id, got '{TypeNames.Display(declarer)}'; mark it with "
                        + "[CapnpInterface]");
            }
        }

        Check(methods, constructs, destroys, site);
        return new(
            TypeNames.CodeWithoutNull(_type),
            TypeNames.Display(_type),
            prefix,
            isDelegate,
            methods.ToEquatableArray(),
            constructs.ToEquatableArray(),
            destroys.ToEquatableArray(),
            isDisposable,
            isAsyncDisposable)
        {
            IsGeneric = _type.IsGenericType,
        };
    }

    private static void AddSpecials(
        INamedTypeSymbol declarer, AttributeData attribute, List<CapnpSpecial> constructs, List<CapnpSpecial> destroys)
    {
        string id = CapnpMethodParser.IdOf(declarer);
        if (CapnpAttributes.Number(attribute, "Construct") is >= 0 and int construct)
        {
            constructs.Add(new(id, construct, HasContext: false));
        }

        if (CapnpAttributes.Number(attribute, "Destroy") is >= 0 and int destroy)
        {
            destroys.Add(new(id, destroy, CapnpAttributes.Flag(attribute, "Context")));
        }
    }

    private void AddMethods(
        INamedTypeSymbol declarer, AttributeData contract, Site site, List<CapnpMethod> methods)
    {
        if (declarer.TypeKind == TypeKind.Delegate)
        {
            methods.AddRange(_methods.Parse(declarer.DelegateInvokeMethod!, declarer, contract, site, position: 0));
            return;
        }

        bool areGiven = declarer.GetMembers().Any(member => member.HasAttribute(CapnpAttributes.Method));
        int position = 0;
        foreach (var member in declarer.GetMembers())
        {
            if (member.IsStatic
                || member is IMethodSymbol { MethodKind: not MethodKind.Ordinary } or INamedTypeSymbol or IFieldSymbol)
            {
                continue;
            }

            bool isGiven = member.HasAttribute(CapnpAttributes.Method);
            Site place = new(
                Site.NameOf(member, site.Location), $"'{TypeNames.Display(declarer)}.{member.Name}'");
            if (!member.IsAbstract && !isGiven)
            {
                continue; // A member with a body runs in the calling process.
            }

            if (areGiven && !isGiven)
            {
                _scope.RefuseOrdinal(place, "Expected an ordinal, as other members have, got none; add [CapnpMethod]");
                continue;
            }

            int before = methods.Count;
            methods.AddRange(_methods.Parse(member, declarer, contract, place, position));
            position += Math.Max(1, methods.Count - before);
        }
    }

    private void Check(
        List<CapnpMethod> methods, List<CapnpSpecial> constructs, List<CapnpSpecial> destroys, Site site)
    {
        var all = methods.Select(method => (method.InterfaceId, method.Ordinal, Name: method.Name)).Concat(
            constructs.Select(special => (special.InterfaceId, special.Ordinal, Name: "construct"))).Concat(
            destroys.Select(special => (special.InterfaceId, special.Ordinal, Name: "destroy")));
        foreach (var same in all.GroupBy(method => (method.InterfaceId, method.Ordinal))
            .Where(same => same.Count() > 1))
        {
            var clashing = same.ToList();
            _scope.RefuseOrdinal(
                site,
                $"Expected a different ordinal for '{clashing[1].Name}', got {same.Key.Ordinal}, which "
                    + $"'{clashing[0].Name}' has");
        }
    }
}
