// Grafana's types, tightened: the JSON of a panel is held to the options and field settings of its own plugin as well.
import type {
  AnnotationQuery,
  Dashboard,
  DataQuery,
  FieldConfig,
  FieldConfigSource,
  Panel,
  RowPanel,
} from '@grafana/schema';
import type * as heatmap from '@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen';
import type * as stat from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as history from '@grafana/schema/dist/esm/raw/composable/statushistory/panelcfg/x/StatusHistoryPanelCfg_types.gen';
import type * as timeseries from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

/** JSON has the values of enums, not their names. */
type Plain<T> = T extends string
  ? `${T}`
  : T extends number
    ? `${T}` extends `${infer N extends number}` ? N : T
    : T extends (infer U)[]
      ? Plain<U>[]
      : T extends object
        ? { [K in keyof T]: Plain<T[K]> }
        : T;

/** A query as Grafana's Prometheus data source reads it; its types are in no package without all of Grafana's UI. */
interface PromQuery extends Pick<DataQuery, 'refId'> {
  expr: string;
  legendFormat: string;
  instant: boolean;
  range: boolean;
  format: 'time_series' | 'heatmap';
}

/** What the same data source reads of an annotation, beside what all of them have. */
interface PromAnnotation extends AnnotationQuery {
  expr: string;
  step: string;
  titleFormat: string;
}

type Needed<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
type Placed = Needed<Panel, 'id' | 'title' | 'description' | 'gridPos' | 'datasource'>;
type Custom<C> = Omit<FieldConfigSource, 'defaults'> & { defaults: Omit<FieldConfig, 'custom'> & { custom?: C } };
type Of<Type, Options, C> = Omit<Placed, 'type' | 'options' | 'fieldConfig' | 'targets'> & {
  type: Type;
  options: Options;
  fieldConfig: Custom<C>;
  targets: PromQuery[];
};

type Drawn =
  | RowPanel
  | Of<'stat', stat.Options, never>
  | Of<'timeseries', timeseries.Options, timeseries.FieldConfig>
  | Of<'status-history', history.Options, history.FieldConfig>
  | Of<'heatmap', heatmap.Options, heatmap.FieldConfig>;

type Whole = Omit<Needed<Dashboard, 'uid' | 'title' | 'tags' | 'templating'>, 'panels' | 'annotations'> & {
  panels: Drawn[];
  annotations: { list: PromAnnotation[] };
};

export type Grafana = Plain<Whole>;
