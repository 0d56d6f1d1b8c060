using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Parsing;

namespace Multiprocess.Generator;

/// <summary>
/// Checks type arguments of the runtime's methods, such as <c>IpcServer.Listen</c>: they must be contracts with
/// generated code.
/// </summary>
internal sealed class RootRules(Compilation compilation)
{
    private readonly KnownRoots _known = new(compilation);

    public void Check(OperationAnalysisContext context)
    {
        var method = context.Operation switch
        {
            IInvocationOperation call => call.TargetMethod,
            IMethodReferenceOperation reference => reference.Method,
            _ => null,
        };
        if (method is null || !TakesRoots(method.ContainingType))
        {
            return;
        }

        // The contract is a type argument of the method, as in IpcServer.Listen<T>, or of its type, as in
        // IpcSupervisor<T>.Start.
        bool isOfMethod = method.IsGenericMethod;
        var arguments = isOfMethod ? method.TypeArguments : method.IsStatic ? method.ContainingType.TypeArguments : [];
        var parameters = isOfMethod ? method.TypeParameters : method.ContainingType.TypeParameters;
        for (int i = 0; i < arguments.Length; i++)
        {
            if (parameters[i].HasReferenceTypeConstraint
                && ProblemOf(arguments[i], context.CancellationToken) is { } problem)
            {
                context.ReportDiagnostic(problem(PlaceOf(context.Operation.Syntax, isOfMethod, i)));
            }
        }
    }

    private static bool TakesRoots(INamedTypeSymbol type)
        => type.DeclaredAccessibility == Accessibility.Public
            && type.ContainingAssembly.Name.StartsWith("Multiprocess", StringComparison.Ordinal)
            && type.Name.StartsWith("Ipc", StringComparison.Ordinal)
            && type.ContainingNamespace.ToDisplayString()
                is "Multiprocess" or "Multiprocess.Testing" or "Multiprocess.Hosting"
            && type.DeclaringSyntaxReferences.IsEmpty;

    private Func<Location, Diagnostic>? ProblemOf(ITypeSymbol type, CancellationToken cancellationToken)
    {
        if (type is ITypeParameterSymbol
            || type.TypeKind == TypeKind.Error
            || WellKnownTypes.IsDisposable(type)
            || WellKnownTypes.IsAsyncDisposable(type))
        {
            return null;
        }

        string name = TypeNames.Display(type.WithNullableAnnotation(NullableAnnotation.NotAnnotated));
        if (type is not INamedTypeSymbol { TypeKind: TypeKind.Interface } root)
        {
            var contracts = type.AllInterfaces.Where(
                each => each.OriginalDefinition.HasAttribute(WellKnownTypes.IpcInterface))
                .Select(TypeNames.Display)
                .ToList();
            string kind = type.TypeKind == TypeKind.Delegate
                ? "a delegate type"
                : type.TypeKind == TypeKind.Array
                ? "an array"
                : "a class";
            string advice = contracts.Count == 0
                ? "name an interface with [IpcInterface]"
                : $"name its contract, {string.Join(" or ", contracts.Select(contract => $"'{contract}'"))}";
            return place => Diagnostic.Create(Rules.RootNotContract, place, name, kind, advice);
        }

        if (!root.OriginalDefinition.HasAttribute(WellKnownTypes.IpcInterface))
        {
            return place
                => Diagnostic.Create(
                    Rules.RootNotContract,
                    place,
                    name,
                    "an interface without [IpcInterface]",
                    "mark it, or name a marked interface");
        }

        return root.IsGenericType && !KnownRoots.IsOpen(root) && !_known.Contains(root, cancellationToken)
            ? place => Diagnostic.Create(Rules.UnknownRoot, place, TypeNames.Display(root))
            : null;
    }

    /// <summary>The location of the type argument, or of the method's name if the type argument is inferred.</summary>
    private static Location PlaceOf(SyntaxNode syntax, bool isOfMethod, int argument)
    {
        var expression = syntax is InvocationExpressionSyntax call ? call.Expression : syntax;
        SimpleNameSyntax? name = expression switch
        {
            MemberAccessExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name: GenericNameSyntax outer } }
                when !isOfMethod
                => outer,
            MemberAccessExpressionSyntax { Expression: GenericNameSyntax outer } when !isOfMethod => outer,
            MemberAccessExpressionSyntax member => member.Name,
            SimpleNameSyntax simple => simple,
            _ => null,
        };
        return name is GenericNameSyntax generic && argument < generic.TypeArgumentList.Arguments.Count
            ? generic.TypeArgumentList.Arguments[argument].GetLocation()
            : ((SyntaxNode?)name ?? syntax).GetLocation();
    }
}
