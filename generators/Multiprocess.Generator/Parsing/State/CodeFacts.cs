using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Multiprocess.Generator.Parsing.State;

/// <summary>
/// Proves facts about the user's code: what a getter returns, what a setter stores, what a constructor stores.
/// </summary>
/// <remarks>
/// All answers are about definitions, not about closed generic types. "No" means "not proven": a type is
/// refused rather than sent if the analysis does not understand its code.
/// </remarks>
internal sealed partial class CodeFacts(Compilation compilation, CancellationToken cancellationToken)
{
    private const int DeepestCall = 8;

    /// <summary>
    /// The field or captured parameter that a getter returns unchanged; null if it computes its value, or if it is
    /// unknown.
    /// </summary>
    public ISymbol? ReturnedBy(IMethodSymbol getter, int depth = 0)
    {
        var property = (IPropertySymbol)getter.AssociatedSymbol!.OriginalDefinition;
        if (IsAutomatic(getter))
        {
            return BackingFieldOf(property);
        }

        return depth < DeepestCall && BodyOf(getter) is { } body && ReturnValueOf(body) is { } value
            ? Place(value, depth)
            : null;
    }

    /// <summary>
    /// Whether a setter stores its value unchanged in a place, and changes nothing else in the object.
    /// </summary>
    public bool Stores(IMethodSymbol setter, ISymbol place)
    {
        setter = setter.OriginalDefinition;
        if (IsAutomatic(setter))
        {
            return Same(BackingFieldOf((IPropertySymbol)setter.AssociatedSymbol!), place);
        }

        if (BodyOf(setter) is not { } body)
        {
            return false;
        }

        var value = setter.Parameters.Last();
        var writes = WritesOf(body, depth: 0);
        return writes.Count != 0
            && writes.All(write => Same(write.Place, place) && write.Value is { } stored && IsParameter(stored, value))
            && writes.Any(write => IsReached(write.Operation, body, place, value))
            && Inside(body)
                .OfType<IReturnOperation>()
                .All(
                    leave => leave.IsImplicit || leave.Syntax is ArrowExpressionClauseSyntax || IsReached(
                        leave, body, place, value, needsCondition: true));
    }

    /// <summary>Whether a constructor stores a parameter in a place, unchanged or copied item by item.</summary>
    public bool Takes(IMethodSymbol constructor, IParameterSymbol parameter, ISymbol place, int depth = 0)
    {
        constructor = constructor.OriginalDefinition;
        parameter = constructor.Parameters[parameter.Ordinal];
        if (depth > DeepestCall || SyntaxOf(constructor) is not { } syntax || ModelOf(syntax) is not { } model)
        {
            return false;
        }

        if (syntax is TypeDeclarationSyntax type)
        {
            return Same(parameter, place)
                || IsInitializedBy(place, parameter)
                || PassesToBase(type, model, parameter, place, depth);
        }

        if (model.GetOperation(syntax, cancellationToken) is not IConstructorBodyOperation body)
        {
            return false;
        }

        var writes = (body.BlockBody ?? body.ExpressionBody) is { } block ? WritesOf(block, depth: 0) : [];
        if (writes.Any(write => write.Place is null || Same(write.Place, parameter))
            || Inside(body).OfType<IReturnOperation>().Any(
                leave => !leave.IsImplicit && leave.Syntax is not ArrowExpressionClauseSyntax))
        {
            return false;
        }

        var here = writes.Where(write => Same(write.Place, place)).ToList();
        return here.Count == 0
            ? Passes(
                (body.Initializer as IExpressionStatementOperation)?.Operation ?? body.Initializer,
                parameter,
                place,
                depth)
            : here.All(
                write
                    => write.Value is { } stored
                        && IsParameterOrCopy(stored, parameter)
                        && IsAlwaysReached(write.Operation));
    }

    /// <summary>
    /// The parameters of a primary constructor that members use later, so that the object keeps them.
    /// </summary>
    public IEnumerable<IParameterSymbol> CapturedBy(INamedTypeSymbol type)
    {
        var primary = type.OriginalDefinition.InstanceConstructors.FirstOrDefault(
            constructor => SyntaxOf(constructor) is TypeDeclarationSyntax);
        if (primary is null || primary.Parameters.Length == 0 || type.IsRecord)
        {
            return []; // The primary constructor's parameters of a record are its properties.
        }

        var names = new HashSet<string>(primary.Parameters.Select(parameter => parameter.Name));
        var captured = new HashSet<string>();
        foreach (var declaration in type.DeclaringSyntaxReferences.Select(
            reference => reference.GetSyntax(cancellationToken)))
        {
            foreach (var used in declaration.DescendantNodes(
                node => node == declaration || node is not (TypeDeclarationSyntax or BaseListSyntax))
                .OfType<IdentifierNameSyntax>())
            {
                if (names.Contains(used.Identifier.ValueText) && !IsInitializer(used) && IsParameterName(used))
                {
                    captured.Add(used.Identifier.ValueText);
                }
            }
        }

        return primary.Parameters.Where(parameter => captured.Contains(parameter.Name));
    }

    /// <summary>Whether an accessor has no user code: the compiler stores the value.</summary>
    public static bool IsAutomatic(IMethodSymbol accessor) => SyntaxOf(accessor) switch
    {
        null => accessor.AssociatedSymbol is IPropertySymbol property && SyntaxOf(property) is ParameterSyntax,
        AccessorDeclarationSyntax written
            => written.Body is null && written.ExpressionBody is null && !accessor.IsAbstract && !accessor.IsExtern,
        ParameterSyntax => true,
        _ => false,
    };

    public static IFieldSymbol? BackingFieldOf(IPropertySymbol property)
        => property.ContainingType.GetMembers()
            .OfType<IFieldSymbol>()
            .FirstOrDefault(field => Same(field.AssociatedSymbol, property));

    private static bool Same(ISymbol? one, ISymbol? other)
        => one is not null && SymbolEqualityComparer.Default.Equals(one.OriginalDefinition, other?.OriginalDefinition);

    private static SyntaxNode? SyntaxOf(ISymbol symbol)
    {
        var implementation = symbol switch
        {
            IMethodSymbol method => method.PartialImplementationPart ?? method,
            _ => symbol,
        };
        return implementation.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax();
    }

    private SemanticModel? ModelOf(SyntaxNode syntax)
        => compilation.ContainsSyntaxTree(syntax.SyntaxTree) ? compilation.GetSemanticModel(syntax.SyntaxTree) : null;

    private IOperation? BodyOf(IMethodSymbol method)
    {
        if (SyntaxOf(method.OriginalDefinition) is not { } syntax || ModelOf(syntax) is not { } model)
        {
            return null;
        }

        return model.GetOperation(syntax, cancellationToken) switch
        {
            IMethodBodyBaseOperation body => body.BlockBody ?? body.ExpressionBody,
            var other => other,
        };
    }

    private static IOperation? ReturnValueOf(IOperation body)
        => body is IBlockOperation { Operations: { Length: 1 } only }
            && only[0] is IReturnOperation { ReturnedValue: { } value }
            ? value
            : null;

    /// <summary>
    /// The part of the object that an expression names: a field, the field of an auto-property, a captured parameter.
    /// </summary>
    private ISymbol? Place(IOperation value, int depth)
    {
        value = Unwrap(value);
        return value switch
        {
            ICoalesceAssignmentOperation filled => Place(filled.Target, depth),
            // The field belongs to the property alone, so replacing null in it is not visible.
            ICoalesceOperation { Value: var first } when Unwrap(first)
                is IFieldReferenceOperation { Field.IsImplicitlyDeclared: true } own
                => Place(own, depth),
            IFieldReferenceOperation { Instance: IInstanceReferenceOperation } field => field.Field.OriginalDefinition,
            IParameterReferenceOperation { Parameter: var parameter }
                when parameter.ContainingSymbol is IMethodSymbol { MethodKind: MethodKind.Constructor }
                    => parameter.OriginalDefinition,
            IPropertyReferenceOperation
            {
                Instance: IInstanceReferenceOperation,
                Property: { IsIndexer: false, GetMethod: { } getter } property,
            } reference
                when !property.IsVirtual && !property.IsOverride && !property.IsAbstract || IsBase(reference)
                    => ReturnedBy(getter, depth + 1),
            _ => null,
        };
    }

    private static bool IsBase(IPropertyReferenceOperation reference)
        => reference.Instance?.Syntax is BaseExpressionSyntax;

    /// <summary>The expression without conversions and parentheses that do not change its value.</summary>
    private static IOperation Unwrap(IOperation value)
    {
        while (true)
        {
            switch (value)
            {
                case IConversionOperation { OperatorMethod: null } conversion when conversion.Conversion
                    is { IsIdentity: true }
                        or { IsReference: true, IsImplicit: true } or { IsNullable: true, IsImplicit: true }:
                    value = conversion.Operand;
                    continue;
                case IParenthesizedOperation inner:
                    value = inner.Operand;
                    continue;
                case ICoalesceOperation { WhenNull: var otherwise } coalesce when IsThrow(otherwise):
                    value = coalesce.Value;
                    continue;
                case IConditionalOperation { WhenFalse: { } otherwise } choice when IsThrow(otherwise):
                    value = choice.WhenTrue;
                    continue;
                case IConditionalOperation { WhenFalse: { } only } choice when IsThrow(choice.WhenTrue):
                    value = only;
                    continue;
                default:
                    return value;
            }
        }
    }

    private static bool IsThrow(IOperation operation)
        => operation is IThrowOperation or IConversionOperation { Operand: IThrowOperation };

    private static bool IsParameter(IOperation value, IParameterSymbol parameter)
        => Unwrap(value) is IParameterReferenceOperation reference && Same(reference.Parameter, parameter);

    /// <summary>Whether the value is the parameter, or a copy of its items in their order.</summary>
    private static bool IsParameterOrCopy(IOperation value, IParameterSymbol parameter)
    {
        value = Unwrap(value);
        return IsParameter(value, parameter) || value switch
        {
            IConversionOperation { Operand: ICollectionExpressionOperation list } => IsCopy(list, parameter),
            ICollectionExpressionOperation list => IsCopy(list, parameter),
            IInvocationOperation
            {
                TargetMethod:
                {
                    IsExtensionMethod: true,
                    Name: "ToArray" or "ToList" or "ToImmutableArray" or "ToImmutableList",
                } method,
                Arguments: { Length: 1 } arguments,
            }
                => WellKnownTypes.IsFramework(method.ContainingType) && IsParameter(arguments[0].Value, parameter),
            IObjectCreationOperation
            {
                Constructor.ContainingType: { Name: "List" or "ReadOnlyCollection" } type,
                Arguments: { Length: 1 } arguments,
                Initializer: null,
            }
                => WellKnownTypes.IsFramework(type) && IsParameter(arguments[0].Value, parameter),
            _ => false,
        };
    }

    private static bool IsCopy(ICollectionExpressionOperation list, IParameterSymbol parameter)
        => list.Elements.Length == 1
            && list.Elements[0] is ISpreadOperation spread
            && IsParameter(spread.Operand, parameter)
            && list.Type
                is IArrayTypeSymbol
                    or
                    {
                        Name: "List" or "ImmutableArray" or "ImmutableList" or "IReadOnlyList" or "IReadOnlyCollection"
                            or "IEnumerable" or "IList" or "ICollection",
                    };

    private static IEnumerable<IOperation> Inside(IOperation body) => body.Descendants().Prepend(body);

    private bool IsInitializedBy(ISymbol place, IParameterSymbol parameter)
    {
        ISymbol declared = (place as IFieldSymbol)?.AssociatedSymbol ?? place;
        if (SyntaxOf(declared) is ParameterSyntax positional && positional == SyntaxOf(parameter))
        {
            return true; // The parameter's property in a record.
        }

        ExpressionSyntax? written = SyntaxOf(declared) switch
        {
            PropertyDeclarationSyntax property => property.Initializer?.Value,
            VariableDeclaratorSyntax field => field.Initializer?.Value,
            _ => null,
        };
        return written?.Parent is { } initializer
            && ModelOf(initializer)?.GetOperation(
                initializer,
                cancellationToken) is ISymbolInitializerOperation { Value: { } value }
            && IsParameterOrCopy(value, parameter);
    }

    private bool PassesToBase(
        TypeDeclarationSyntax type,
        SemanticModel model,
        IParameterSymbol parameter,
        ISymbol place,
        int depth)
        => type.BaseList?.Types.OfType<PrimaryConstructorBaseTypeSyntax>().FirstOrDefault() is { } bases
            && Passes(model.GetOperation(bases, cancellationToken), parameter, place, depth);

    /// <summary>Whether a call of another constructor passes a parameter on, and that constructor stores it.</summary>
    private bool Passes(IOperation? call, IParameterSymbol parameter, ISymbol place, int depth)
        => call is IInvocationOperation { TargetMethod: { MethodKind: MethodKind.Constructor } target } invocation
            && invocation.Arguments.Any(
                argument => argument.Parameter is { } taken
                    && IsParameter(argument.Value, parameter)
                    && Takes(target, taken, place, depth + 1));

    /// <summary>Whether a name is read only while the object is created, or not at all.</summary>
    private static bool IsInitializer(SyntaxNode used)
    {
        for (var node = used.Parent; node is not null; node = node.Parent)
        {
            switch (node)
            {
                case EqualsValueClauseSyntax
                {
                    Parent: PropertyDeclarationSyntax
                        or VariableDeclaratorSyntax
                        {
                            Parent.Parent: FieldDeclarationSyntax or EventFieldDeclarationSyntax,
                        },
                }:
                    return true;
                case InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.ValueText: "nameof" } }:
                    return true;
                case MemberDeclarationSyntax:
                    return false;
            }
        }

        return true;
    }

    private bool IsParameterName(IdentifierNameSyntax used)
        => ModelOf(used)?.GetSymbolInfo(used, cancellationToken).Symbol
            is IParameterSymbol { ContainingSymbol: IMethodSymbol { MethodKind: MethodKind.Constructor } };
}
