using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Parsing;

namespace Multiprocess.Generator;

/// <summary>
/// Reports exceptions of user types that a contract's implementation throws and that arrive as
/// <c>IpcRemoteException</c>.
/// </summary>
internal static class FaultRules
{
    public static void Check(OperationAnalysisContext context)
    {
        if (((IThrowOperation)context.Operation).Exception is not { } thrown
            || Unconverted(thrown).Type is not INamedTypeSymbol type
            || type.HasAttribute(WellKnownTypes.IpcFault)
            || !IsOfSolution(type, context.Compilation)
            || !Implements(context.ContainingSymbol.ContainingType)
            || IsCaught(context.Operation, type, context.Compilation))
        {
            return;
        }

        var place = Unconverted(thrown).Syntax is BaseObjectCreationExpressionSyntax creation
            ? creation is ObjectCreationExpressionSyntax { Type: { } written }
                ? written.GetLocation()
                : creation.NewKeyword.GetLocation()
            : thrown.Syntax.GetLocation();
        context.ReportDiagnostic(Diagnostic.Create(Rules.UnmarkedException, place, TypeNames.Display(type)));
    }

    private static IOperation Unconverted(IOperation value)
        => value is IConversionOperation conversion ? Unconverted(conversion.Operand) : value;

    /// <summary>
    /// Whether the user can mark the type: this project declares it, or a project that references the runtime does.
    /// </summary>
    private static bool IsOfSolution(INamedTypeSymbol type, Compilation compilation)
        => SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, compilation.Assembly)
            || (type.ContainingAssembly.Name != "Multiprocess"
                && type.ContainingAssembly.Modules.Any(
                    module => module.ReferencedAssemblies.Any(reference => reference.Name == "Multiprocess")));

    private static bool Implements(INamedTypeSymbol? type)
    {
        for (; type is not null; type = type.ContainingType)
        {
            if (type.TypeKind is TypeKind.Class or TypeKind.Struct
                && type.AllInterfaces.Any(each => each.OriginalDefinition.HasAttribute(WellKnownTypes.IpcInterface)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the method catches the exception itself.</summary>
    private static bool IsCaught(IOperation operation, ITypeSymbol type, Compilation compilation)
    {
        for (var inner = operation; inner.Parent is { } outer
            && outer is not (IAnonymousFunctionOperation or ILocalFunctionOperation); inner = outer)
        {
            if (outer is ITryOperation attempt
                && attempt.Body == inner
                && attempt.Catches.Any(
                    handler => handler.Filter is null
                        && compilation.ClassifyCommonConversion(type, handler.ExceptionType).IsImplicit))
            {
                return true;
            }
        }

        return false;
    }
}
