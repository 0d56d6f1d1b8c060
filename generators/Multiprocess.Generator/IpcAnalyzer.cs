using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Parsing;

namespace Multiprocess.Generator;

/// <summary>Reports, at the user's own declaration and while typing, why a contract is refused. It asks the generator's own parser.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class IpcAnalyzer : DiagnosticAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = Rules.OfContracts;

    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterSymbolAction(Analyze, SymbolKind.NamedType);
        context.RegisterSyntaxNodeAction(AnalyzeAttribute, SyntaxKind.Attribute);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = new KnownRoots(start.Compilation);
            start.RegisterOperationAction(operation => AnalyzeRoot(operation, known), OperationKind.Invocation);
        });
    }

    /// <summary>Whether code is generated for the type.</summary>
    internal static bool IsMarked(INamedTypeSymbol type)
        => type.TypeKind == TypeKind.Interface && type.HasAttribute(WellKnownTypes.IpcInterface)
            || type.TypeKind == TypeKind.Class && type.HasAttribute(WellKnownTypes.IpcFault);

    private static void Analyze(SymbolAnalysisContext context)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (!IsMarked(type))
        {
            return;
        }

        FileParser.Parse(type, context.Compilation, out FileScope scope, context.CancellationToken);
        foreach (var refusal in scope.Refusals.All)
        {
            context.ReportDiagnostic(refusal);
        }
    }

    /// <summary>A closed contract that the assembly names.</summary>
    private static void AnalyzeAttribute(SyntaxNodeAnalysisContext context)
    {
        var written = (AttributeSyntax)context.Node;
        if (written.Parent is not AttributeListSyntax { Target.Identifier.RawKind: (int)SyntaxKind.AssemblyKeyword })
        {
            return;
        }

        var attribute = ClosedContracts.NamedBy(context.Compilation.Assembly).FirstOrDefault(attribute =>
            attribute.ApplicationSyntaxReference is { } place && place.SyntaxTree == written.SyntaxTree && place.Span == written.Span);
        if (attribute is null)
        {
            return;
        }

        ClosedContracts.Parse(attribute, context.Compilation.Assembly, context.Compilation, out _, out var refusals, context.CancellationToken);
        foreach (var refusal in refusals.All)
        {
            context.ReportDiagnostic(refusal);
        }
    }

    /// <summary>A call of the runtime's that needs the code of a closed contract, such as <c>IpcServer.Listen</c>.</summary>
    private static void AnalyzeRoot(OperationAnalysisContext context, KnownRoots known)
    {
        var call = (IInvocationOperation)context.Operation;
        if (!call.TargetMethod.IsGenericMethod || !call.TargetMethod.ContainingAssembly.Name.StartsWith("Multiprocess", StringComparison.Ordinal))
        {
            return;
        }

        for (int i = 0; i < call.TargetMethod.TypeArguments.Length; i++)
        {
            if (call.TargetMethod.TypeArguments[i] is INamedTypeSymbol { TypeKind: TypeKind.Interface, IsGenericType: true } root
                && root.OriginalDefinition.HasAttribute(WellKnownTypes.IpcInterface)
                && !KnownRoots.IsOpen(root)
                && !known.Contains(root, context.CancellationToken))
            {
                context.ReportDiagnostic(Diagnostic.Create(Rules.UnknownRoot, PlaceOf(call, i), TypeNames.Display(root)));
            }
        }
    }

    /// <summary>The type argument as it is written; where it is inferred, the method's name.</summary>
    private static Location PlaceOf(IInvocationOperation call, int argument)
    {
        var name = (call.Syntax as InvocationExpressionSyntax)?.Expression switch
        {
            MemberAccessExpressionSyntax member => member.Name,
            SimpleNameSyntax simple => simple,
            _ => null,
        };
        return name is GenericNameSyntax generic && argument < generic.TypeArgumentList.Arguments.Count
            ? generic.TypeArgumentList.Arguments[argument].GetLocation()
            : (name ?? call.Syntax).GetLocation();
    }
}
