using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Multiprocess.Generator.Parsing.State;

/// <summary>Finds out which parts of an object a body changes, and whether it always does.</summary>
internal sealed partial class CodeFacts
{
    /// <summary>All parts of the object that a body may change; a null place means any part.</summary>
    private List<Write> WritesOf(IOperation body, int depth)
    {
        var writes = new List<Write>();
        foreach (var operation in Inside(body))
        {
            switch (operation)
            {
                case ISimpleAssignmentOperation { IsRef: false } assignment:
                    AddWrite(writes, assignment.Target, assignment.Value, assignment, depth);
                    break;
                case IDeconstructionAssignmentOperation { Target: ITupleOperation target } deconstruction:
                    var values = Unwrap(deconstruction.Value) as ITupleOperation;
                    for (int i = 0; i < target.Elements.Length; i++)
                    {
                        AddWrite(
                            writes,
                            target.Elements[i],
                            values?.Elements.ElementAtOrDefault(i),
                            deconstruction,
                            depth);
                    }

                    break;
                case IAssignmentOperation other: // compound, coalescing, by reference
                    AddWrite(writes, other.Target, null, other, depth);
                    break;
                case IIncrementOrDecrementOperation step:
                    AddWrite(writes, step.Target, null, step, depth);
                    break;
                case IEventAssignmentOperation
                {
                    EventReference: IEventReferenceOperation { Instance: IInstanceReferenceOperation } changed,
                }:
                    writes.Add(new Write(changed.Event.OriginalDefinition, null, operation));
                    break;
                case IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out } argument:
                    AddWrite(writes, argument.Value, null, argument, depth);
                    break;
                case IVariableInitializerOperation
                {
                    Parent: IVariableDeclaratorOperation { Symbol.RefKind: RefKind.Ref },
                } alias:
                    AddWrite(writes, alias.Value, null, alias, depth);
                    break;
                case IInvocationOperation { Instance: IInstanceReferenceOperation } call
                    when call.TargetMethod.MethodKind != MethodKind.Constructor:
                    AddWritesOfCall(writes, call.TargetMethod, call, depth);
                    break;
            }
        }

        return writes;
    }

    private void AddWrite(List<Write> writes, IOperation target, IOperation? value, IOperation operation, int depth)
    {
        target = Unwrap(target);
        switch (target)
        {
            case IFieldReferenceOperation { Instance: IInstanceReferenceOperation } field:
                writes.Add(new Write(field.Field.OriginalDefinition, value, operation));
                break;
            case IParameterReferenceOperation { Parameter: var parameter }:
                writes.Add(new Write(parameter.OriginalDefinition, value, operation));
                break;
            case IPropertyReferenceOperation { Instance: IInstanceReferenceOperation, Property: var property }:
                property = property.OriginalDefinition;
                if (property.SetMethod is null || IsAutomatic(property.SetMethod))
                {
                    writes.Add(new Write(BackingFieldOf(property), value, operation));
                }
                else if (property.GetMethod is { } getter
                    && ReturnedBy(getter, depth + 1) is { } behind
                    && depth < DeepestCall
                    && Stores(property.SetMethod, behind))
                {
                    writes.Add(new Write(behind, value, operation));
                }
                else
                {
                    AddWritesOfCall(writes, property.SetMethod, operation, depth);
                }

                break;
            case ITupleOperation tuple:
                foreach (var element in tuple.Elements)
                {
                    AddWrite(writes, element, null, operation, depth);
                }

                break;
        }
    }

    private void AddWritesOfCall(List<Write> writes, IMethodSymbol method, IOperation operation, int depth)
    {
        if (method.ContainingType.SpecialType is SpecialType.System_Object or SpecialType.System_ValueType
            || method.MethodKind == MethodKind.DelegateInvoke)
        {
            return;
        }

        if (method.MethodKind == MethodKind.LocalFunction)
        {
            return; // Its body is visited as part of the outer body.
        }

        if (depth >= DeepestCall || method.IsAbstract || BodyOf(method) is not { } body)
        {
            writes.Add(new Write(null, null, operation));
            return;
        }

        writes.AddRange(
            WritesOf(body, depth + 1)
                .Where(write => write.Place is not IParameterSymbol)
                .Select(write => write with { Value = null, Operation = operation }));
    }

    /// <summary>Whether an operation is reached unconditionally.</summary>
    private static bool IsAlwaysReached(IOperation operation)
    {
        for (var parent = operation.Parent; parent is not null; parent = parent.Parent)
        {
            switch (parent)
            {
                case IExpressionStatementOperation or IParenthesizedOperation or ILockOperation:
                    continue;
                case IBlockOperation { Parent: IMethodBodyBaseOperation or null or ILockOperation }:
                    continue;
                case IBlockOperation { Parent: IBlockOperation }:
                    continue;
                case IMethodBodyBaseOperation:
                    return true;
                default:
                    return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Whether a setter always executes an operation, or skips it only if the place already has the value.
    /// </summary>
    private bool IsReached(
        IOperation operation,
        IOperation body,
        ISymbol place,
        IParameterSymbol value,
        bool needsCondition = false)
    {
        bool hasCondition = false;
        for (var parent = operation.Parent; parent is not null && parent != body.Parent; parent = parent.Parent)
        {
            switch (parent)
            {
                case IBlockOperation or IExpressionStatementOperation or ILockOperation or IReturnOperation:
                    break;
                case IConditionalOperation { Condition: { } condition } when IsComparison(condition, place, value):
                    hasCondition = true;
                    break;
                default:
                    return false;
            }
        }

        return hasCondition || !needsCondition;
    }

    /// <summary>Whether a condition only checks whether the place already has the value.</summary>
    private bool IsComparison(IOperation condition, ISymbol place, IParameterSymbol value)
    {
        bool seesPlace = false, seesValue = false;
        foreach (var operation in Inside(condition))
        {
            switch (operation)
            {
                case IParameterReferenceOperation reference when Same(reference.Parameter, value):
                    seesValue = true;
                    break;
                case IFieldReferenceOperation
                    or IPropertyReferenceOperation { Instance: not null }
                        or IParameterReferenceOperation when Same(Place(operation, 0), place):
                    seesPlace = true;
                    break;
                case IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals }
                    or IUnaryOperation { OperatorKind: UnaryOperatorKind.Not }
                    or IInvocationOperation { TargetMethod.Name: "Equals" or "ReferenceEquals" }
                    or IPropertyReferenceOperation { Property: { IsStatic: true, Name: "Default" } }
                    or IInstanceReferenceOperation
                        or IConversionOperation or IArgumentOperation or IParenthesizedOperation:
                    break;
                default:
                    return false;
            }
        }

        return seesPlace && seesValue;
    }

    /// <param name="Place">The place that is written; null if it may be any place.</param>
    /// <param name="Value">The value that is stored there; null if it is computed.</param>
    /// <param name="Operation">The statement that writes it.</param>
    private sealed record Write(ISymbol? Place, IOperation? Value, IOperation Operation);
}
