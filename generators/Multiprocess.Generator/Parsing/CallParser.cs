using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>Creates one call of a contract from a method or an accessor.</summary>
internal sealed class CallParser(FileScope scope, TypeResolver types)
{
    private const string Converted = "converted ";

    private static readonly SymbolDisplayFormat s_signature = new(
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters,
        memberOptions: SymbolDisplayMemberOptions.IncludeType | SymbolDisplayMemberOptions.IncludeParameters,
        parameterOptions: SymbolDisplayParameterOptions.IncludeType
            | SymbolDisplayParameterOptions.IncludeName
            | SymbolDisplayParameterOptions.IncludeModifiers,
        propertyStyle: SymbolDisplayPropertyStyle.NameOnly,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes
            | SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers
            | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>The return type of a method as generated code writes it.</summary>
    /// <remarks>
    /// A task is not null unless it is annotated as nullable, even in code without nullable annotations.
    /// </remarks>
    public static string ReturnType(IMethodSymbol method)
        => method.ReturnsVoid
            ? "void"
            : TypeNames.CodeWithoutNull(method.ReturnType) + (MayReturnNull(method) ? "?" : "");

    private static bool MayReturnNull(IMethodSymbol method)
        => !(method.ReturnType.NullableAnnotation == NullableAnnotation.None && WellKnownTypes.IsTask(
            method.ReturnType))
            && TypeNames.AdmitsNull(ReturnTypeOf(method));

    /// <summary>The call of a method or an accessor of an interface; null if it was refused.</summary>
    public CallModel? ParseMember(IMethodSymbol method, uint id, string targetMember, CallOptions options)
    {
        var member = method.AssociatedSymbol ?? method;

        // In a closed generic base, the concrete types stand where the user closes it; its own declaration says T.
        bool isClosed = method.ContainingType.IsGenericType;
        var name = isClosed ? options.Otherwise : Site.NameOf(member, options.Otherwise);
        string path = "'" + method.ContainingType.Name + "." + member.Name + "'";
        var kind = KindOf(method, options);
        var parameters = ParseParameters(
            method,
            kind,
            parameter => new Site(
                isClosed ? name : TypeLocation(parameter, member, name), $"parameter '{parameter.Name}' of {path}"));
        var resultSite = new Site(isClosed ? name : Site.TypeOf(member, name), "result of " + path);
        bool valid = ParseResult(method, resultSite, out var result);
        if (kind == CallKind.OneWay)
        {
            valid &= CheckOneWay(method, name);
        }

        string logName = method.AssociatedSymbol is null ? method.Name : method.MetadataName;
        string signature = Signature(method);
        return valid && parameters is { } complete
            ? new CallModel(
                id,
                logName,
                signature,
                kind,
                AccessOf(method),
                targetMember,
                complete,
                result,
                options.TimeoutMilliseconds,
                WireIds.Signature(method),
                options.HasGivenId)
            {
                MayReturnNoTask = WellKnownTypes.IsTask(method.ReturnType) && MayReturnNull(method),
                BaselineSignature = BaselineSignature(method),
                Declaration = Declaration(method, kind, options.TimeoutMilliseconds, complete, result),
                Defaults = Defaults(method),
            }
            : null;
    }

    /// <summary>
    /// The call of a delegate type or of progress; null if it was refused. Errors are reported where the type is used.
    /// </summary>
    public CallModel? ParseReference(
        INamedTypeSymbol type,
        IMethodSymbol method,
        uint id,
        string targetMember,
        bool isOneWay,
        Site site)
    {
        var kind = KindOf(method, new CallOptions(isOneWay, 0, site.Location));
        var parameters = ParseParameters(method, kind, parameter => site.DelegateParameter(type, parameter.Name));
        bool valid = ParseResult(method, site.DelegateResult(type), out var result);
        return valid && parameters is { } complete
            ? new CallModel(
                id,
                method.Name,
                Signature(method),
                kind,
                Access.Method,
                targetMember,
                complete,
                result,
                0,
                WireIds.Signature(method))
            {
                MayReturnNoTask = WellKnownTypes.IsTask(method.ReturnType) && MayReturnNull(method),
                BaselineSignature = BaselineSignature(method),
                Declaration = Declaration(method, kind, 0, complete, result),
                Defaults = Defaults(method),
            }
            : null;
    }

    /// <summary>
    /// The location of a parameter's type; for an accessor, the parameter of the indexer, and for its value the type
    /// of the member.
    /// </summary>
    private static Location TypeLocation(IParameterSymbol parameter, ISymbol member, Location name)
    {
        var declared = member switch
        {
            IMethodSymbol => parameter,
            IPropertySymbol { Parameters: var indexes } when parameter.Ordinal < indexes.Length
                => indexes[parameter.Ordinal],
            _ => null,
        };
        var otherwise = Site.TypeOf(member, name);
        return declared is null ? otherwise : Site.TypeOf(declared, otherwise);
    }

    private static ITypeSymbol ReturnTypeOf(IMethodSymbol method)
        => method.GetReturnTypeAttributes()
            .Any(attribute => attribute.AttributeClass?.Name is "MaybeNullAttribute" or "MaybeNullWhenAttribute")
            ? method.ReturnType.WithNullableAnnotation(NullableAnnotation.Annotated)
            : method.ReturnType;

    private static string Signature(IMethodSymbol method) => method.AssociatedSymbol switch
    {
        IEventSymbol
            => $"event {TypeNames.Display(method.Parameters[0].Type)} {method.AssociatedSymbol.Name} {{ "
                + $"{AccessOf(method).ToString().ToLowerInvariant()}; }}",
        IPropertySymbol property
            => property.ToDisplayString(s_signature)
                + (method.MethodKind == MethodKind.PropertyGet ? " { get; }" : " { set; }"),
        _ => method.ToDisplayString(s_signature),
    };

    private static Access AccessOf(IMethodSymbol method)
    {
        bool isIndexer = method.AssociatedSymbol is IPropertySymbol { IsIndexer: true };
        return method.MethodKind switch
        {
            MethodKind.PropertyGet => isIndexer ? Access.GetIndexed : Access.Get,
            MethodKind.PropertySet => isIndexer ? Access.SetIndexed : Access.Set,
            MethodKind.EventAdd => Access.Add,
            MethodKind.EventRemove => Access.Remove,
            _ => Access.Method,
        };
    }

    private static CallKind KindOf(IMethodSymbol method, CallOptions options)
    {
        if (options.IsOneWay)
        {
            return CallKind.OneWay;
        }

        if (WellKnownTypes.IsDisposable(method.ContainingType))
        {
            return CallKind.Dispose;
        }

        if (WellKnownTypes.IsAsyncDisposable(method.ContainingType))
        {
            return CallKind.DisposeAsync;
        }

        return WellKnownTypes.FullName(method.ReturnType) switch
        {
            "System.Threading.Tasks.Task" or "System.Threading.Tasks.Task`1" when method.AssociatedSymbol is null
                => CallKind.Task,
            "System.Threading.Tasks.ValueTask"
                or "System.Threading.Tasks.ValueTask`1" when method.AssociatedSymbol is null
                => CallKind.ValueTask,
            _ => CallKind.Synchronous,
        };
    }

    private EquatableArray<ParameterModel>? ParseParameters(
        IMethodSymbol method,
        CallKind kind,
        Func<IParameterSymbol, Site> siteOf)
    {
        var parameters = new List<ParameterModel>();
        bool complete = true;
        foreach (var parameter in method.Parameters)
        {
            var site = siteOf(parameter);
            var model = WellKnownTypes.IsCancellationToken(parameter.Type)
                ? ParseCancellationToken(parameter, parameters, site)
                : WellKnownTypes.IsBytes(parameter) ? WithoutCodec(parameter, ParameterKind.Bytes)
                : WellKnownTypes.IsEventSender(parameter) ? WithoutCodec(parameter, ParameterKind.Sender)
                : ParseParameter(parameter, kind, site);
            if (model is null)
            {
                complete = false;
            }
            else
            {
                parameters.Add(model);
            }
        }

        return complete ? parameters.ToEquatableArray() : null;
    }

    private ParameterModel? ParseCancellationToken(IParameterSymbol parameter, List<ParameterModel> before, Site site)
    {
        string? problem = parameter.RefKind != RefKind.None ? "is passed by reference"
            : before.Any(other => other.Kind == ParameterKind.CancellationToken) ? "is the second cancellation token"
            : parameter.ContainingSymbol is IMethodSymbol { AssociatedSymbol: not null }
                ? "is not a parameter of a method"
            : null;
        if (problem is not null)
        {
            scope.Refusals.Add(Rules.CancellationToken, site.Location, site.Path + " " + problem);
            return null;
        }

        return WithoutCodec(parameter, ParameterKind.CancellationToken);
    }

    private static ParameterModel WithoutCodec(IParameterSymbol parameter, ParameterKind kind)
    {
        string scope = parameter.ScopedKind == ScopedKind.ScopedValue && !parameter.IsParams ? "scoped " : "";
        return new(
            ParameterNames.Of(parameter.Name),
            new TypeModel(scope + TypeNames.Code(parameter.Type), ""),
            kind,
            RefusesNull: false,
            parameter.GetAttributes().Any(WellKnownTypes.IsSensitive));
    }

    private ParameterModel? ParseParameter(IParameterSymbol parameter, CallKind callKind, Site site)
    {
        var kind = parameter.RefKind switch
        {
            RefKind.Out => ParameterKind.Out,
            RefKind.Ref => ParameterKind.Ref,
            RefKind.In => ParameterKind.In,
            RefKind.RefReadOnlyParameter => ParameterKind.RefReadOnly,
            _ => ParameterKind.Value,
        };
        if (kind is ParameterKind.Ref or ParameterKind.Out && callKind is CallKind.Task or CallKind.ValueTask)
        {
            scope.Refusals.Add(Rules.RefOnAsynchronous, site.Location, parameter.Name, parameter.ContainingSymbol.Name);
            return null;
        }

        // The value of a setter has the attributes of the property.
        var attributes = parameter.GetAttributes();
        if (kind is ParameterKind.Ref or ParameterKind.Out && attributes.Any(WellKnownTypes.IsBorrowed))
        {
            scope.Refusals.Add(
                Rules.Borrowed,
                site.Location,
                site.Path,
                "a value that the callee returns is not lent to it");
            return null;
        }

        if (parameter is { Ordinal: 0, Name: "sender", Type.SpecialType: SpecialType.System_Object }
            && parameter.ContainingSymbol is IMethodSymbol
            {
                MethodKind: MethodKind.DelegateInvoke, ReturnsVoid: true, Parameters.Length: 2,
            } handler)
        {
            scope.Refusals.Add(
                Rules.UnsupportedType, site.Location, site.Path, TypeNames.Display(parameter.Type),
                $"the sender of an event crosses only in System.EventHandler and System.EventHandler<T>; use one of them instead of '{handler.ContainingType.Name}'");
            return null;
        }

        var type = TypeOf(parameter);
        bool refusesNull = !IsHandler(parameter)
            && kind != ParameterKind.Out
            && type is { IsReferenceType: true, NullableAnnotation: NullableAnnotation.NotAnnotated };
        return types.Resolve(
            type,
            site,
            IsValueOfSetter(parameter, out var property)
                ? attributes.AddRange(property!.GetAttributes())
                : attributes) is { } model
            ? new ParameterModel(ParameterNames.Of(parameter.Name), model, kind, refusesNull)
            : null;
    }

    private static bool IsHandler(IParameterSymbol parameter)
        => parameter.ContainingSymbol is IMethodSymbol { MethodKind: MethodKind.EventAdd or MethodKind.EventRemove };

    private static bool IsValueOfSetter(IParameterSymbol parameter, out ISymbol? property)
    {
        var method = parameter.ContainingSymbol as IMethodSymbol;
        property = method?.AssociatedSymbol;
        return method is { MethodKind: MethodKind.PropertySet } && parameter.Ordinal == method.Parameters.Length - 1;
    }

    /// <summary>The type of a parameter, with the nullability that its attributes add.</summary>
    private ITypeSymbol TypeOf(IParameterSymbol parameter)
    {
        if (IsHandler(parameter))
        {
            // Adding null as a handler makes no call.
            return parameter.Type.WithNullableAnnotation(NullableAnnotation.NotAnnotated);
        }

        var type = parameter.Type;
        foreach (var attribute in parameter.GetAttributes().Where(IsFlowAttribute))
        {
            NullableAnnotation? annotation = attribute.AttributeClass!.Name switch
            {
                "AllowNullAttribute" or "MaybeNullAttribute" or "MaybeNullWhenAttribute"
                    => NullableAnnotation.Annotated,
                "DisallowNullAttribute" => NullableAnnotation.NotAnnotated,
                _ => null,
            };
            type = annotation is { } given && type.IsReferenceType ? type.WithNullableAnnotation(given) : type;
        }

        return type;
    }

    /// <summary>The signature of the wire id, plus the nullability that the id leaves out.</summary>
    private string BaselineSignature(IMethodSymbol method)
    {
        var parameters = method.Parameters
            .Where(parameter => !WellKnownTypes.IsCancellationToken(parameter.Type))
            .Select(
                parameter => WireIds.Passing(parameter)
                    + TypeNames.WireWithNull(TypeOf(parameter), parameter.OriginalDefinition.Type));
        var result = ReturnTypeOf(method);
        return WireIds.Signature(
            method.MetadataName,
            parameters,
            TypeNames.WireWithNull(
                WellKnownTypes.IsTask(result) ? result.WithNullableAnnotation(NullableAnnotation.NotAnnotated) : result,
                method.OriginalDefinition.ReturnType));
    }

    /// <summary>
    /// The line of a description, without the id. The format is part of the protocol, see "Descriptions" in
    /// PROTOCOL.md.
    /// </summary>
    private string Declaration(
        IMethodSymbol method,
        CallKind kind,
        int timeoutMilliseconds,
        EquatableArray<ParameterModel> parameters,
        TypeModel? result)
    {
        string words = (kind switch
        {
            CallKind.OneWay => "oneway ",
            CallKind.Dispose or CallKind.DisposeAsync => "disposes ",
            _ => "",
        }) + (AccessOf(method) switch
        {
            Access.Get or Access.GetIndexed => "get ",
            Access.Set or Access.SetIndexed => "set ",
            Access.Add => "add ",
            Access.Remove => "remove ",
            _ => "",
        }) + (timeoutMilliseconds > 0
            ? string.Format(System.Globalization.CultureInfo.InvariantCulture, "timeout={0} ", timeoutMilliseconds)
            : "");
        var declared = method.Parameters.Select((parameter, i) =>
            Marks(parameters[i].Type, parameters[i].IsSensitiveBytes)
            + (parameters[i].Kind == ParameterKind.Sender
                ? "sender "
                : parameter.RefKind is RefKind.In or RefKind.RefReadOnlyParameter
                ? "in "
                : WireIds.Passing(parameter))
            + TypeNames.WireWithNull(TypeOf(parameter), parameter.OriginalDefinition.Type)
            + " " + parameter.Name);
        string returned = TypeNames.WireWithNull(
            WellKnownTypes.IsTask(method.ReturnType)
                ? method.ReturnType.WithNullableAnnotation(NullableAnnotation.NotAnnotated)
                : ReturnTypeOf(method),
            method.OriginalDefinition.ReturnType);
        return words + WireIds.Signature(
            method.MetadataName,
            declared,
            (result is null ? "" : Marks(result, false)) + returned);
    }

    private static EquatableArray<string> Defaults(IMethodSymbol method) => method.Parameters
        .Where(parameter => !WellKnownTypes.IsCancellationToken(parameter.Type))
        .Select(parameter => (parameter.Name, Default: DefaultValues.Described(parameter)))
        .Where(each => each.Default is not null)
        .Select(each => $"{each.Name} = {each.Default}")
        .ToEquatableArray();

    private static string Marks(TypeModel type, bool isSensitive)
        => (isSensitive || type.IsSensitive ? "sensitive " : "") + (
            type.Wire.StartsWith(Converted, StringComparison.Ordinal) ? Converted : "");

    private bool ParseResult(IMethodSymbol method, Site site, out TypeModel? result)
    {
        result = null;
        if (method.ReturnsByRef || method.ReturnsByRefReadonly)
        {
            scope.Refusals.Add(Rules.RefReturn, site.Location, (method.AssociatedSymbol ?? method).Name);
            return false;
        }

        if (method.ReturnsVoid)
        {
            return true;
        }

        foreach (var attribute in method.GetReturnTypeAttributes())
        {
            IsFlowAttribute(attribute);
        }

        var type = ReturnTypeOf(method);
        if (method.AssociatedSymbol is null)
        {
            switch (WellKnownTypes.FullName(type))
            {
                case "System.Threading.Tasks.Task" or "System.Threading.Tasks.ValueTask":
                    return true;
                case "System.Threading.Tasks.Task`1" or "System.Threading.Tasks.ValueTask`1":
                    type = ((INamedTypeSymbol)type).TypeArguments[0];
                    break;
            }
        }

        result = types.Resolve(
            type,
            site,
            method.GetReturnTypeAttributes().AddRange(method.AssociatedSymbol?.GetAttributes() ?? []));
        return result is not null;
    }

    /// <summary>
    /// Whether the attribute is about nullability. If so, the file suppresses the warning for not repeating it.
    /// </summary>
    private bool IsFlowAttribute(AttributeData attribute)
    {
        bool isFlow =
            attribute.AttributeClass?.ContainingNamespace.ToDisplayString() == "System.Diagnostics.CodeAnalysis";
        scope.HasFlowAttributes |= isFlow;
        return isFlow;
    }

    private bool CheckOneWay(IMethodSymbol method, Location name)
    {
        string? answer = !method.ReturnsVoid ? "what it returns"
            : method.Parameters.FirstOrDefault(
                parameter => parameter.RefKind is RefKind.Ref or RefKind.Out) is { } returned
                ? $"'{returned.Name}'"
            : null;
        if (answer is not null)
        {
            scope.Refusals.Add(Rules.OneWay, name, method.Name, answer);
        }

        return answer is null;
    }
}

/// <summary>The options that attributes give a call.</summary>
/// <param name="IsOneWay">Whether the caller does not wait.</param>
/// <param name="TimeoutMilliseconds">The time limit, or 0.</param>
/// <param name="Otherwise">The location for errors about symbols that this compilation does not declare.</param>
/// <param name="HasGivenId">Whether its wire id was given.</param>
internal readonly record struct CallOptions(
    bool IsOneWay,
    int TimeoutMilliseconds,
    Location Otherwise,
    bool HasGivenId = false);
