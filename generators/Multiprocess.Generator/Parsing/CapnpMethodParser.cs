using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>Parses a member of an interface, or a delegate type, as methods of a Cap'n Proto interface.</summary>
internal sealed class CapnpMethodParser(CapnpScope scope)
{
    private static readonly SymbolDisplayFormat s_signature = SymbolDisplayFormat.MinimallyQualifiedFormat
        .WithMemberOptions(SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeType);

    private readonly CapnpTypes _types = new(scope);
    private readonly HashSet<string> _runNames = [];

    /// <summary>The id of a marked interface.</summary>
    public static string IdOf(INamedTypeSymbol type)
        => CapnpAttributes.Hex(CapnpAttributes.First(type.FindAttribute(CapnpAttributes.Interface)!));

    /// <summary>The methods of a member: one, or two for a property with a setter.</summary>
    public IEnumerable<CapnpMethod> Parse(
        ISymbol member, INamedTypeSymbol declarer, AttributeData contract, Site site, int position)
    {
        bool isDelegate = declarer.TypeKind == TypeKind.Delegate;
        var attribute = (isDelegate ? declarer : member).FindAttribute(CapnpAttributes.Method);
        int ordinal = attribute is null ? position : CapnpAttributes.Ordinal(attribute);
        if (ordinal is < 0 or > 65_534)
        {
            scope.RefuseOrdinal(site, $"Expected an ordinal from 0 to 65534, got {ordinal}");
            return [];
        }

        switch (member)
        {
            case IMethodSymbol method:
                var kind = isDelegate ? CapnpCallKind.Delegate : CapnpCallKind.Method;
                return One(Parse(method, declarer, attribute, contract, site, ordinal, kind, method.Name));
            case IPropertySymbol { IsIndexer: false } property:
                var both = new List<CapnpMethod>();
                if (property.GetMethod is { } getter)
                {
                    both.AddRange(One(Parse(
                        getter, declarer, attribute, contract, site, ordinal, CapnpCallKind.Getter, property.Name)));
                    ordinal++;
                }

                if (property.SetMethod is { } setter)
                {
                    if (setter.IsInitOnly)
                    {
                        scope.Refuse(site, "Expected a set accessor, got init, which a peer's object cannot have");
                        return [];
                    }

                    both.AddRange(One(Parse(
                        setter, declarer, attribute, contract, site, ordinal, CapnpCallKind.Setter, property.Name)));
                }

                return both;
            case IPropertySymbol:
                scope.Refuse(site, "Cap'n Proto has no indexers; declare methods");
                return [];
            default:
                scope.Refuse(site, "Cap'n Proto has no events; declare a method that takes a delegate type");
                return [];
        }
    }

    private static IEnumerable<CapnpMethod> One(CapnpMethod? method) => method is null ? [] : [method];

    /// <summary>One method; null, and a refusal, if Cap'n Proto cannot express it.</summary>
    public CapnpMethod? Parse(
        IMethodSymbol method,
        INamedTypeSymbol declarer,
        AttributeData? attribute,
        AttributeData? contract,
        Site site,
        int ordinal,
        CapnpCallKind kind,
        string name)
    {
        if (method.IsGenericMethod)
        {
            scope.Refuse(site, "Cap'n Proto cannot carry a method's type parameters; declare one method for each type");
            return null;
        }

        if (method.RefKind != RefKind.None)
        {
            scope.Refuse(site, "Expected a value to be returned, got a reference to a variable");
            return null;
        }

        (CapnpAnswer answer, ITypeSymbol? result) = Answer(method);
        var parameters = new List<CapnpParameter>();
        var sent = new CapnpFields(scope);
        var returned = new CapnpFields(scope);
        int context = CapnpAttributes.Named(attribute, "Context") as int?
            ?? (scope.Derived is not null || CapnpAttributes.Flag(contract, "Context") ? 0 : -1);
        bool isThreadMap = CapnpAttributes.Flag(attribute, "ThreadMap");
        if (isThreadMap)
        {
            context = -1;
        }
        else if (context >= 0)
        {
            sent.AddPointer("ipcContext", site, context);
        }

        AddResult(method, kind, result, site, returned);
        var wants = new List<string>();
        foreach (var parameter in method.Parameters)
        {
            Add(parameter, declarer, name, site, answer, parameters, sent, returned, wants);
        }

        var thrown = Throws(kind == CapnpCallKind.Delegate ? declarer : method, site, returned);
        if (isThreadMap && (parameters.Count != 0 || result is not null))
        {
            scope.Refuse(
                site, "Expected a method without parameters and without a result, because it exchanges thread maps");
        }

        if (scope.Refusals.All.Count != 0
            || sent.Lay() is not { } sentFields
            || returned.Lay() is not { } returnedFields)
        {
            return null;
        }

        return new(
            scope.ContractId ?? IdOf(declarer),
            ordinal,
            method.ToDisplayString(s_signature),
            TypeNames.CodeWithoutNull(declarer),
            TypeNames.Escape(name),
            RunName(kind, name),
            kind,
            answer,
            parameters.ToEquatableArray(),
            sentFields.Size,
            sentFields.Fields,
            returnedFields.Size,
            returnedFields.Fields,
            result is null ? null : TypeNames.Code(result),
            thrown.Select(each => each with { Pointer = returnedFields.Offsets[each.Type] }).ToEquatableArray())
        {
            Context = context < 0 ? -1 : sentFields.Offsets["ipcContext"],
            IsThreadMap = isThreadMap,
            Wants = wants.Select(want => sentFields.Offsets[want]).ToEquatableArray(),
        };
    }

    private string RunName(CapnpCallKind kind, string name)
    {
        string prefix = kind switch
        {
            CapnpCallKind.Getter => "Get",
            CapnpCallKind.Setter => "Set",
            _ => "Run",
        };
        string candidate = prefix + name;
        for (int number = 2; !_runNames.Add(candidate); number++)
        {
            candidate = prefix + name + number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return candidate;
    }

    private static (CapnpAnswer Answer, ITypeSymbol? Result) Answer(IMethodSymbol method)
    {
        if (method.ReturnsVoid)
        {
            return (CapnpAnswer.Synchronous, null);
        }

        var arguments = (method.ReturnType as INamedTypeSymbol)?.TypeArguments ?? [];
        return WellKnownTypes.FullName(method.ReturnType.OriginalDefinition) switch
        {
            "System.Threading.Tasks.Task" => (CapnpAnswer.Task, null),
            "System.Threading.Tasks.Task`1" => (CapnpAnswer.Task, arguments[0]),
            "System.Threading.Tasks.ValueTask" => (CapnpAnswer.ValueTask, null),
            "System.Threading.Tasks.ValueTask`1" => (CapnpAnswer.ValueTask, arguments[0]),
            _ => (CapnpAnswer.Synchronous, method.ReturnType),
        };
    }

    private void AddResult(
        IMethodSymbol method, CapnpCallKind kind, ITypeSymbol? result, Site site, CapnpFields returned)
    {
        if (result is null)
        {
            return;
        }

        var attribute = kind == CapnpCallKind.Getter
            ? method.AssociatedSymbol!.FindAttribute(CapnpAttributes.Field) ?? CapnpAttributes.FieldOfResult(method)
            : CapnpAttributes.FieldOfResult(method);
        Site place = new(
            Site.TypeOf(method.AssociatedSymbol ?? method, site.Location), "result of " + site.Path);
        int has = CapnpAttributes.Number(attribute, "Has");
        if (_types.Resolve(result, place, attribute, has >= 0) is { } type)
        {
            returned.Add(
                "",
                type,
                place,
                attribute is null ? null : CapnpAttributes.Ordinal(attribute),
                _types.DefaultOf(attribute, type, place),
                has);
        }
    }

    private void Add(
        IParameterSymbol parameter,
        INamedTypeSymbol declarer,
        string method,
        Site site,
        CapnpAnswer answer,
        List<CapnpParameter> parameters,
        CapnpFields sent,
        CapnpFields returned,
        List<string> wants)
    {
        Site place = new(
            Site.TypeOf(parameter, site.Location),
            $"parameter '{parameter.Name}' of '{TypeNames.Display(declarer)}.{method}'");
        string name = ParameterNames.Of(parameter.Name);
        bool isToken = WellKnownTypes.IsCancellationToken(parameter.Type);
        string modifier = parameter.RefKind switch
        {
            RefKind.None => "",
            RefKind.Ref => "ref ",
            RefKind.Out => "out ",
            RefKind.RefReadOnlyParameter => "ref readonly ",
            _ => "in ",
        };
        bool isReturned = parameter.RefKind is RefKind.Ref or RefKind.Out;
        if ((isReturned && answer != CapnpAnswer.Synchronous) || (isToken && modifier.Length != 0))
        {
            scope.Refuse(
                place, "Expected a parameter by value, because the method has returned by the time of its answer");
            return;
        }

        string code = TypeNames.Code(parameter.Type);
        if (isToken)
        {
            if (parameters.Any(other => other.IsToken))
            {
                scope.Refuse(place, "Expected at most one cancellation token, got two");
            }

            parameters.Add(new(name, code, "", IsOut: false, IsToken: true, RefusesNull: false));
            return;
        }

        var attribute = parameter.FindAttribute(CapnpAttributes.Field)
            ?? (parameter.ContainingSymbol as IMethodSymbol)?.AssociatedSymbol?.FindAttribute(CapnpAttributes.Field);
        int? ordinal = attribute is null ? null : CapnpAttributes.Ordinal(attribute);
        int has = CapnpAttributes.Number(attribute, "Has");
        if (_types.Resolve(parameter.Type, place, attribute, has >= 0) is not { } type)
        {
            return;
        }

        bool isSent = parameter.RefKind != RefKind.Out;
        parameters.Add(new(
            name,
            code,
            modifier,
            !isSent,
            IsToken: false,
            isSent && parameter.Type.IsReferenceType && !type.AdmitsNull));
        string @default = _types.DefaultOf(attribute, type, place);
        if (isSent)
        {
            sent.Add(name, type, place, ordinal, @default, has);
        }

        if (isReturned)
        {
            int resultOrdinal = CapnpAttributes.Number(attribute, "Result");
            int? inResults = isSent ? (resultOrdinal < 0 ? null : resultOrdinal) : ordinal;
            returned.Add(name, type, place, inResults, @default, has);
        }

        if (CapnpAttributes.Number(attribute, "Want") is >= 0 and int want)
        {
            sent.AddBool("want:" + name, place, want);
            wants.Add("want:" + name);
        }
    }

    private List<CapnpThrown> Throws(ISymbol method, Site site, CapnpFields returned)
    {
        var all = new List<CapnpThrown>();
        foreach (var attribute in method.GetAttributes().Where(
            attribute => attribute.AttributeClass is { } type && WellKnownTypes.Is(type, CapnpAttributes.Throws)))
        {
            if (attribute.ConstructorArguments[1].Value is not INamedTypeSymbol exception)
            {
                continue;
            }

            Site place = site with { Location = Site.Of(attribute, site.Location) };
            string code = TypeNames.CodeWithoutNull(exception);
            if (exception.HasAttribute(CapnpAttributes.Struct))
            {
                all.Add(new(code, 0, _types.StructOf(exception, code, place)));
            }
            else if (exception.InstanceConstructors.Any(constructor => constructor.Parameters.Length == 1
                && constructor.DeclaredAccessibility == Accessibility.Public
                && constructor.Parameters[0].Type.SpecialType == SpecialType.System_String))
            {
                all.Add(new(code, 0, ""));
            }
            else
            {
                scope.Refuse(
                    place,
                    $"Expected an exception with [CapnpStruct] or a constructor that takes the message, got "
                        + $"'{TypeNames.Display(exception)}'");
                continue;
            }

            returned.AddPointer(code, place, CapnpAttributes.Ordinal(attribute));
        }

        return all;
    }
}
